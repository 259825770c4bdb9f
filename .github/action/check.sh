#!/usr/bin/env bash
# Runs asynclint once, with SARIF and annotations written beside the report. Answers the exit code, does not end with it.
# Reads INPUT_PATH (one path on each line) and INPUT_ARGS (separated by blanks), which are data, never part of a command.
set -euo pipefail

paths=()
while IFS= read -r path; do
  [[ -z ${path//[[:space:]]/} ]] || paths+=("$path")
done <<< "${INPUT_PATH:-.}"
read -r -a arguments <<< "${INPUT_ARGS:-}"
sarif=$RUNNER_TEMP/asynclint.sarif
annotations=$RUNNER_TEMP/asynclint.annotations
rm -f "$sarif" "$annotations"

code=0
asynclint check -o "sarif:$sarif" -o "github:$annotations" ${arguments[@]+"${arguments[@]}"} -- ${paths[@]+"${paths[@]}"} || code=$?

{
  echo "exit-code=$code"
  [[ ! -e $sarif ]] || echo "sarif=$sarif"
  [[ ! -e $annotations ]] || echo "annotations=$annotations"
} >> "$GITHUB_OUTPUT"

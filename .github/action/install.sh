#!/usr/bin/env bash
# Puts asynclint on the PATH of the job: a built release whose checksum holds, else a build by cargo.
# Reads INPUT_VERSION; what the action's user wrote is data here, never part of a command.
set -euo pipefail

version=${INPUT_VERSION:-latest}
if [[ ! $version =~ ^(latest|[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?)$ ]]; then
  echo "asynclint: \`version\` is \`latest\` or a release such as \`0.1.0\`" >&2
  exit 2
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) target="" ;;
esac

place=$(mktemp -d "${RUNNER_TEMP:-/tmp}/asynclint.XXXXXX")
if [[ $version == latest ]]; then
  base=https://github.com/asynclint/asynclint/releases/latest/download
else
  base=https://github.com/asynclint/asynclint/releases/download/v$version
fi

fetch() { curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 --output "$2" "$1"; }
sum() { if command -v sha256sum > /dev/null; then sha256sum --check --status "$1"; else shasum -a 256 --check --status "$1"; fi; }

archive=asynclint-$target.tar.gz
if [[ -n $target ]] && fetch "$base/$archive" "$place/$archive" && fetch "$base/$archive.sha256" "$place/$archive.sha256"; then
  # A wrong checksum ends the job: building something else instead would hide it.
  (cd "$place" && sum "$archive.sha256") || { echo "asynclint: the checksum of $archive is wrong" >&2; exit 2; }
  tar -xzf "$place/$archive" -C "$place" --strip-components 1
  echo "$place" >> "$GITHUB_PATH"
else
  echo "asynclint: no built release for this system, cargo builds it"
  if [[ $version == latest ]]; then pin=(); else pin=(--version "$version"); fi
  cargo install --locked asynclint ${pin[@]+"${pin[@]}"} --root "$place"
  echo "$place/bin" >> "$GITHUB_PATH"
fi

//! The one test binary: what the crate promises from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod action;
mod adapter;
mod annotations;
mod baseline;
mod changes;
mod cli;
mod commands;
mod compare;
mod config;
mod determinism;
mod docs;
mod fix_disk;
mod fixed;
mod fixed_projects;
mod fixtures;
mod formats;
mod golden;
mod hostile;
mod input;
mod mutations;
mod pages;
mod processes;
mod project;
mod readme;
mod robust;
mod sarif;
mod statistics;
mod support;
mod tidy;
mod walkthrough;

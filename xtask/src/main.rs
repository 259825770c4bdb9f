//! Chores of the repository that are not part of the tool: catalogue proof, ecosystem run, precision samples.
fn main() {}

//! The `asynclint` command. Parses nothing itself: it calls the library's command line and turns the answer into an exit code.
fn main() {}

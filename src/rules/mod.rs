//! The rules: one page and one file each.
//!
//! A rule asks the program and writes findings. It never decides its own level, prints, or reads a file.

pub mod page;

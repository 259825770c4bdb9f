//! Fixes on a disk: atomic, modest, and stopped by nothing in the middle of a file.

//! Fixes end to end, in memory.

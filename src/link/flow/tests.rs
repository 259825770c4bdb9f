//! Rows of the guard table.

//! The test attribute of asynclint-supervisor.

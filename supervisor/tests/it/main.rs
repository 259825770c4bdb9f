//! The behaviour of the companion crate. One binary, so that it links once.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod anchors;
mod guide;
mod health_and_views;
mod limits;
mod outcomes;
mod property;
mod reporters;
mod requirements;
mod runtimes;
mod scopes;
mod shutdown;
mod steps;
mod support;
mod test_helper;
mod traps;

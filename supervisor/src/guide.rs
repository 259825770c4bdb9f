//! The guide, page by page. Holds no code.

#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}
#[doc = include_str!("../docs/shutdown.md")]
pub mod shutdown {}
#[doc = include_str!("../docs/one-runtime.md")]
pub mod one_runtime {}
#[doc = include_str!("../docs/threads-and-bridges.md")]
pub mod threads_and_bridges {}
#[doc = include_str!("../docs/resources.md")]
pub mod resources {}
#[doc = include_str!("../docs/limits-and-timeouts.md")]
pub mod limits_and_timeouts {}
#[doc = include_str!("../docs/configuration.md")]
pub mod configuration {}
#[doc = include_str!("../docs/monitoring.md")]
pub mod monitoring {}
#[doc = include_str!("../docs/async-test-patterns.md")]
pub mod async_test_patterns {}
#[doc = include_str!("../docs/review-checklist.md")]
pub mod review_checklist {}
#[doc = include_str!("../docs/post-mortems.md")]
pub mod post_mortems {}
#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}
#[doc = include_str!("../docs/costs.md")]
pub mod costs {}

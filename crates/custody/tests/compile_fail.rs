//! Forgetting to ask does not compile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[test]
fn no_grant_no_access() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

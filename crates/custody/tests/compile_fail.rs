//! Forgetting to ask does not compile.

#[test]
fn no_grant_no_access() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

//! Chores of the repository: tidy checks, generators, coverage reports.
fn main() {}

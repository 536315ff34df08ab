//! Holds the list of served operations in step with the code: a change of it is part of the review.

use super::registry;

#[test]
fn every_binding_is_an_operation_of_the_tree_and_bound_once() {
    let registry = registry();
    let mistakes = registry.mistakes();
    assert!(mistakes.is_empty(), "{mistakes:?}");
}

#[test]
fn served_txt_is_in_step() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/served.txt");
    let mut served = registry().served().join("\n");
    served.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, served, "run the test with UPDATE=1 and review the difference");
}

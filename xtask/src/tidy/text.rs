//! Rules that need no parser: how a file opens, how long it is, and names that must not appear. Knows no language well.

use super::Finding;

/// Lines of a file without its tests.
pub(super) const FILE_LINES: usize = 800;

/// Checks one file of any language.
pub(super) fn check(path: &str, content: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |line, rule, measure, sentence: String| {
        findings.push(Finding { place: path.to_owned(), line, rule, measure, sentence });
    };
    if let Some(problem) = opening_problem(path, content) {
        find(1, "opening", None, problem.to_owned());
    }
    // Directly under `tests/` a file `foo.rs` would be a test program of its own, so what tests share is `foo/mod.rs` there.
    let shared_by_tests = path.split('/').rev().nth(2) == Some("tests");
    if path.ends_with("/mod.rs") && !shared_by_tests {
        find(1, "mod-rs", None, "a module `foo` stands in `foo.rs` beside `foo/`".to_owned());
    }
    let lines = content.lines().count();
    let generated = content.lines().next().is_some_and(|line| line.contains("@generated"));
    if is_script(path) && lines > FILE_LINES && !generated {
        find(1, "file-lines", Some(lines), format!("{lines} lines, more than {FILE_LINES}"));
    }
    // Spelled in two parts, or this file would break its own rule.
    let outside = concat!("../", "shared");
    for (index, line) in content.lines().enumerate().filter(|(_, line)| line.contains(outside)) {
        // The portals have a package of that name.
        if !path.starts_with("portal/") {
            find(index + 1, "outside", None, format!("`{}` is not part of the repository", line.trim()));
        }
    }
    findings
}

fn is_script(path: &str) -> bool {
    [".ts", ".tsx", ".py", ".sh"].iter().any(|ending| path.ends_with(ending))
}

/// Every source file opens by saying what it is.
fn opening_problem(path: &str, content: &str) -> Option<&'static str> {
    let mut lines = content.lines().skip_while(|line| line.starts_with("#!/") || line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim_start();
    let (opens, problem) = match path.rsplit_once('.')?.1 {
        "rs" => (first.starts_with("//!"), "the file does not open with `//!`: what it is and what it refuses to know"),
        "ts" | "tsx" => (first.starts_with("//") || first.starts_with("/*"), "the file does not open with a comment"),
        "py" => (first.starts_with('#') || first.contains("\"\"\""), "the file does not open with a docstring"),
        "sh" => (first.starts_with('#'), "the file does not open with a comment"),
        _ => return None,
    };
    (!opens).then_some(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, content: &str) -> Vec<&'static str> {
        check(path, content).iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn files_open_with_what_they_are() {
        for (path, good) in [
            ("a.rs", "//! A file.\n"),
            ("a.ts", "// A file.\n"),
            ("a.tsx", "/** A file. */\n"),
            ("a.py", "#!/usr/bin/python3\n\"\"\"A file.\"\"\"\n"),
            ("a.sh", "#!/bin/sh\n# A file.\n"),
            ("a.toml", "x = 1\n"),
        ] {
            assert!(rules(path, good).is_empty(), "{path}");
        }
        for (path, bad) in
            [("a.rs", "use std::fs;\n"), ("a.ts", "export {};\n"), ("a.py", "import os\n"), ("a.sh", "#!/bin/sh\nls\n")]
        {
            assert_eq!(rules(path, bad), ["opening"], "{path}");
        }
    }

    #[test]
    fn scripts_are_short() {
        let long = format!("# A script.\n{}", "ls\n".repeat(FILE_LINES));
        assert_eq!(rules("a.sh", &long), ["file-lines"]);
        let generated = format!("// @generated\n{}", "x;\n".repeat(FILE_LINES));
        assert!(rules("a.ts", &generated).is_empty());
    }

    #[test]
    fn modules_stand_beside_their_folder() {
        assert_eq!(rules("a/mod.rs", "//! A module.\n"), ["mod-rs"]);
        assert!(rules("crates/a/tests/support/mod.rs", "//! A module.\n").is_empty());
    }

    #[test]
    fn nothing_outside_is_named() {
        assert_eq!(rules("a.md", concat!("See ../", "shared/x.\n")), ["outside"]);
    }
}

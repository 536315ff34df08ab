//! Checks the house rules that no compiler checks: sizes, opening comments, who may know whom. It changes nothing.

mod exceptions;
mod layers;
mod rust;
mod text;

use std::{fmt, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

use exceptions::Exceptions;

/// A rule that is broken somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Where: a path, with `:function` where it is about one.
    pub(crate) place: String,
    /// Line of the culprit, from 1.
    pub(crate) line: usize,
    /// Short name of the rule, as the list of exceptions spells it.
    pub(crate) rule: &'static str,
    /// For rules with a limit: how far it goes.
    pub(crate) measure: Option<usize>,
    /// What is wrong, for people.
    pub(crate) sentence: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, _) = self.place.split_once(':').unwrap_or((&self.place, ""));
        write!(formatter, "{path}:{}: {} [{}]", self.line, self.sentence, self.rule)
    }
}

/// Lists every broken rule; fails when there is one.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut findings = layers::check(root)?;
    for path in source_files(root)? {
        let Ok(bytes) = fs::read(root.join(&path)) else { continue };
        let Ok(content) = String::from_utf8(bytes) else { continue };
        findings.extend(text::check(&path, &content));
        if path.ends_with(".rs") {
            findings.extend(rust::check(&path, &content));
        }
    }
    let exceptions = Exceptions::read(&root.join(exceptions::FILE))?;
    let mut findings = exceptions.apply(findings);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} house rules are broken; CONTRIBUTING.md explains them", findings.len());
    }
    Ok(())
}

/// Paths of all files that are, or are about to be, part of the repository.
fn source_files(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("cannot run git")?;
    ensure!(output.status.success(), "git cannot list the files");
    let mut paths: Vec<String> =
        output.stdout.split(|byte| *byte == 0).map(|path| String::from_utf8_lossy(path).into_owned()).collect();
    paths.retain(|path| !path.is_empty());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

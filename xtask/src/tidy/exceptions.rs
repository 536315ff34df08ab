//! The list of places that may break a rule for now. It can only shrink: what is no longer needed must go, and a limit
//! that was passed by less must be lowered.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use super::Finding;

pub(super) const FILE: &str = "xtask/tidy-exceptions.txt";

/// Exceptions as the file lists them: rule, place, and the measure where the rule has a limit.
pub(super) struct Exceptions(Vec<Exception>);

struct Exception {
    rule: String,
    place: String,
    measure: Option<usize>,
    line: usize,
}

impl Exceptions {
    /// Reads the list. Lines that open with `#` are remarks.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut exceptions = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let mut parts = line.split_whitespace();
            match (parts.next(), parts.next(), parts.next().map(str::parse).transpose(), parts.next()) {
                (None, ..) => {}
                (Some(rule), ..) if rule.starts_with('#') => {}
                (Some(rule), Some(place), Ok(measure), None) => exceptions.push(Exception {
                    rule: rule.to_owned(),
                    place: place.to_owned(),
                    measure,
                    line: index + 1,
                }),
                _ => bail!("{FILE}:{}: expected `rule place [measure]`", index + 1),
            }
        }
        Ok(Self(exceptions))
    }

    /// What remains of the findings, and what is wrong with the list itself.
    pub(super) fn apply(self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut remaining = findings;
        for exception in self.0 {
            let found = remaining.iter().position(|one| one.rule == exception.rule && one.place == exception.place);
            let sentence = match found.map(|index| (index, remaining[index].measure)) {
                None => Some("this exception is no longer needed: remove it".to_owned()),
                Some((index, measure)) if measure == exception.measure => {
                    remaining.remove(index);
                    None
                }
                Some((index, Some(measure))) if Some(measure) < exception.measure => {
                    remaining.remove(index);
                    Some(format!("this exception can be lowered to {measure}"))
                }
                Some(_) => None,
            };
            if let Some(sentence) = sentence {
                let place = FILE.to_owned();
                remaining.push(Finding { place, line: exception.line, rule: "exception", measure: None, sentence });
            }
        }
        remaining
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(measure: usize) -> Finding {
        let sentence = String::new();
        Finding { place: "a.rs".into(), line: 1, rule: "file-lines", measure: Some(measure), sentence }
    }

    fn left(list: &str, findings: Vec<Finding>) -> Vec<&'static str> {
        Exceptions::parse(list).unwrap().apply(findings).iter().map(|one| one.rule).collect()
    }

    #[test]
    fn lists_only_shrink() {
        let list = "# a remark\nfile-lines a.rs 900\n";
        assert!(left(list, vec![finding(900)]).is_empty());
        assert_eq!(left(list, vec![finding(901)]), ["file-lines"]);
        assert_eq!(left(list, vec![finding(850)]), ["exception"]);
        assert_eq!(left(list, vec![]), ["exception"]);
        assert!(Exceptions::parse("file-lines\n").is_err());
    }
}

//! Who may know whom. The rules are those of ARCHITECTURE.md; what cargo says is held against them.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Finding;

/// Crates of our own that each crate may depend on. `server` wires everything but the simulator, which is on nobody's list.
const MAY_KNOW: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("plan", &["model", "hostapi"]),
    ("wire", &[]),
    ("hostapi", &[]),
    ("store", &["model"]),
    ("history", &["model"]),
    ("testdb", &[]),
    ("engine", &["model", "plan", "store", "history", "hostapi"]),
    ("rest", &["engine", "model", "wire"]),
    ("server", &["model", "plan", "wire", "hostapi", "store", "history", "engine", "rest"]),
    ("host", &["hostapi", "guest"]),
    ("guest", &[]),
    ("ctl", &["model", "wire", "hostapi", "store", "history"]),
    ("sim", &["model", "plan", "wire", "hostapi", "store", "history", "engine", "rest", "server", "host", "guest"]),
];

/// Libraries that only some crates may use, and why.
const RESERVED: [(&str, &[&str], &str); 4] = [
    ("sqlx", &["store", "history", "testdb"], "only these hold SQL"),
    ("virt", &["host"], "only the host agent talks to libvirt"),
    ("axum", &["rest"], "only the web door knows HTTP"),
    ("quick-xml", &["wire", "host"], "documents of the API are written by its pens"),
];

/// Crates that are given time and ids as arguments, and what would let them fetch their own.
const PURE: [&str; 3] = ["model", "plan", "wire"];
const IMPURE: [&str; 6] = ["tokio", "rand", "getrandom", "sqlx", "reqwest", "hyper"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Absent for what goes into the product.
    kind: Option<String>,
}

/// Asks cargo, and compares.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let output = Command::new("cargo")
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(metadata.packages.iter().flat_map(check_package).collect())
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some(name) = package.name.strip_prefix("ferrovirt-") else { return Vec::new() };
    let place = format!("crates/{name}/Cargo.toml");
    let finding = |sentence| Finding { place: place.clone(), line: 1, rule: "layers", measure: None, sentence };
    let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| *known == name) else {
        return vec![finding(format!("nothing says whom `{name}` may know"))];
    };
    let mut findings = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| dependency.kind.is_none()) {
        let outside = dependency.name.as_str();
        match outside.strip_prefix("ferrovirt-") {
            Some(sibling) if !allowed.contains(&sibling) => {
                findings.push(finding(format!("`{name}` must not know `{sibling}`")));
            }
            Some(_) => {}
            None => {
                if PURE.contains(&name) && IMPURE.contains(&outside) {
                    findings.push(finding(format!("`{name}` is pure and must not use `{outside}`")));
                }
                for (library, users, why) in RESERVED {
                    // The simulator may stand in for anybody.
                    if library == outside && !users.contains(&name) && name != "sim" {
                        findings.push(finding(format!("`{name}` must not use `{library}`: {why}")));
                    }
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<String> {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        };
        let package =
            Package { name: format!("ferrovirt-{name}"), dependencies: dependencies.iter().map(dependency).collect() };
        check_package(&package).into_iter().map(|finding| finding.sentence).collect()
    }

    #[test]
    fn neighbours_are_known_and_others_are_not() {
        assert!(sentences("rest", &[("ferrovirt-wire", None), ("axum", None)]).is_empty());
        assert_eq!(sentences("rest", &[("ferrovirt-store", None)]), ["`rest` must not know `store`"]);
        assert_eq!(sentences("model", &[("tokio", None)]), ["`model` is pure and must not use `tokio`"]);
        assert!(sentences("model", &[("tokio", Some("dev"))]).is_empty());
        assert_eq!(sentences("engine", &[("sqlx", None)]).len(), 1);
        assert_eq!(sentences("stranger", &[]).len(), 1);
    }

    #[test]
    fn nothing_knows_the_simulator() {
        assert!(MAY_KNOW.iter().all(|(_, known)| !known.contains(&"sim")));
    }
}

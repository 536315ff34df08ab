//! Counts how many of the API's operations are served. What serves them is not known here, only its own list.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::ErrorKind,
    path::Path,
};

use anyhow::{Context, Result, bail};
use ferrovirt_wire::tree::{self, Priority};

/// The web door's list, one `Service.method` a line; a test there holds it to the truth.
const SERVED: &str = "crates/rest/served.txt";

/// Prints what is served of what is mounted, by priority.
pub(crate) fn run(root: &Path) -> Result<()> {
    let text = match fs::read_to_string(root.join(SERVED)) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        other => other.with_context(|| format!("cannot read {SERVED}"))?,
    };
    let counts = count(&text)?;
    let (served, total) = counts.values().fold((0, 0), |(served, total), one| (served + one.0, total + one.1));
    println!("{served}/{total} operations served");
    for (priority, (served, total)) in counts {
        println!("  {priority:?}: {served}/{total}");
    }
    Ok(())
}

/// Served and existing operations of each priority.
fn count(served: &str) -> Result<BTreeMap<Priority, (usize, usize)>> {
    let mut served: HashSet<&str> =
        served.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut counts: BTreeMap<Priority, (usize, usize)> = BTreeMap::new();
    for service in tree::services() {
        for operation in service.operations.iter().filter(|operation| operation.mounted) {
            let count = counts.entry(operation.priority).or_default();
            count.1 += 1;
            count.0 += usize::from(served.remove(format!("{}.{}", service.name, operation.method).as_str()));
        }
    }
    if let Some(unknown) = served.iter().next() {
        bail!("{SERVED}: {unknown} is no operation of the API that a path leads to");
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_served() {
        let none = count("").unwrap();
        assert_eq!(none.values().map(|one| one.1).sum::<usize>(), 687);
        assert!(none.values().all(|one| one.0 == 0));
        let two = count("# a remark\nVmsService.list\n\nVmService.start\n").unwrap();
        assert_eq!(two[&Priority::A].0, 2);
    }

    #[test]
    fn refuses_what_does_not_exist() {
        assert!(count("VmsService.fly").is_err());
    }
}

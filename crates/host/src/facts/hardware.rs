//! Names and numbers of the machine, from `/sys` and `/proc`. Absent files are absent facts, never errors.

use std::path::Path;

use crate::storage::blocking::{replace, sync_folder};

/// The trimmed content of a small file; empty where it can't be read.
pub fn line(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The id by which the engine knows this machine: from its file, or made from the firmware's and written there.
///
/// The file is oVirt's, so that a machine keeps its id when it changes over. It is on disk before the id is used: an id
/// that a loss of power takes back would be made anew, and another machine.
pub fn hardware_id(file: &Path) -> std::io::Result<String> {
    let known = match std::fs::read_to_string(file) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if !known.is_empty() {
        return Ok(known);
    }
    let firmware = line("/sys/class/dmi/id/product_uuid").to_lowercase();
    let usable = uuid::Uuid::parse_str(&firmware).is_ok_and(|id| !id.is_nil() && !id.is_max());
    let id = if usable { firmware } else { uuid::Uuid::new_v4().to_string() };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
        sync_folder(folder.parent())?;
    }
    replace(file, format!("{id}\n").as_bytes(), 0o644)?;
    Ok(id)
}

/// The processors as `/proc/cpuinfo` tells them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Processors {
    /// As the maker names it.
    pub model: String,
    /// `GenuineIntel`, `AuthenticAMD`, …
    pub vendor: String,
    /// Flags.
    pub flags: Vec<String>,
    /// Packages.
    pub sockets: u32,
    /// Cores of one package.
    pub cores: u32,
    /// Threads of one core.
    pub threads: u32,
    /// Clock of the first, MHz.
    pub mhz: f64,
}

/// Reads `/proc/cpuinfo`.
pub fn processors(cpuinfo: &str) -> Processors {
    let mut found = Processors::default();
    let mut packages = std::collections::BTreeSet::new();
    let mut cores = std::collections::BTreeSet::new();
    let (mut logical, mut package) = (0_u32, String::new());
    for line in cpuinfo.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim() {
            "processor" => logical += 1,
            "model name" if found.model.is_empty() => found.model = value.to_owned(),
            "vendor_id" if found.vendor.is_empty() => found.vendor = value.to_owned(),
            "flags" if found.flags.is_empty() => found.flags = value.split_whitespace().map(str::to_owned).collect(),
            "cpu MHz" if found.mhz == 0.0 => found.mhz = value.parse().unwrap_or(0.0),
            "physical id" => {
                package = value.to_owned();
                packages.insert(package.clone());
            }
            "core id" => {
                cores.insert((package.clone(), value.to_owned()));
            }
            _ => {}
        }
    }
    let count = |set: usize| u32::try_from(set.max(1)).unwrap_or(1);
    found.sockets = count(packages.len());
    let all_cores = if cores.is_empty() { logical.max(1) } else { count(cores.len()) };
    found.cores = (all_cores / found.sockets).max(1);
    found.threads = (logical / (found.sockets * found.cores)).max(1);
    found
}

/// A value of an `os-release` file.
pub fn os_release(text: &str, key: &str) -> String {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.trim_matches('"').to_owned())
        .unwrap_or_default()
}

/// `0-3,8` as numbers.
pub fn number_list(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in text.trim().split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
            numbers.extend(first..=last.min(first.saturating_add(8192)));
        }
    }
    numbers
}

/// A number of a file in the form of `/proc/meminfo`, in bytes.
pub fn kib_field(text: &str, name: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        // Files of a NUMA node say "Node 0 MemFree:".
        .find(|(field, _)| field.split_whitespace().last() == Some(name))
        .and_then(|(_, value)| value.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// When the machine started, milliseconds since the epoch.
pub fn boot_time() -> i64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let seconds = stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<i64>().ok());
    seconds.unwrap_or(0) * 1000
}

/// Changes when the machine restarts.
pub fn boot_id() -> String {
    line("/proc/sys/kernel/random/boot_id")
}

/// The name of the machine.
pub fn hostname() -> String {
    nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Folders of the NUMA nodes, by number.
pub fn numa_nodes() -> Vec<(u32, std::path::PathBuf)> {
    let mut nodes: Vec<_> = std::fs::read_dir("/sys/devices/system/node")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.strip_prefix("node")?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    nodes.sort();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_counted() {
        let one = |number: u32, package: u32, core: u32| {
            format!(
                "processor\t: {number}\nvendor_id\t: GenuineIntel\nmodel name\t: X\ncpu MHz\t\t: 2000.5\nphysical id\t: {package}\ncore id\t\t: {core}\nflags\t\t: fpu vmx\n\n"
            )
        };
        let text: String = (0..8).map(|number| one(number, number / 4, number % 4 / 2)).collect();
        let found = processors(&text);
        assert_eq!((found.sockets, found.cores, found.threads), (2, 2, 2));
        assert_eq!(found.flags, ["fpu", "vmx"]);
        let bare = processors("processor : 0\nprocessor : 1\n");
        assert_eq!((bare.sockets, bare.cores, bare.threads), (1, 2, 1));
    }

    #[test]
    fn small_formats_are_read() {
        assert_eq!(number_list("0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(kib_field("MemTotal:  10 kB\nMemFree: 4 kB\n", "MemFree"), 4096);
        assert_eq!(kib_field("Node 0 MemFree:   4 kB\n", "MemFree"), 4096);
        assert_eq!(os_release("ID=debian\nVERSION_ID=\"12\"\n", "VERSION_ID"), "12");
    }

    #[test]
    fn the_id_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vdsm/vdsm.id");
        let id = hardware_id(&file).unwrap();
        assert!(uuid::Uuid::parse_str(&id).is_ok());
        assert_eq!(hardware_id(&file).unwrap(), id);
        let names: Vec<_> =
            std::fs::read_dir(folder.path().join("vdsm")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["vdsm.id"]);
    }

    #[test]
    fn an_id_that_can_t_be_read_is_not_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty"), "").unwrap();
        let id = hardware_id(&folder.path().join("empty")).unwrap();
        assert_eq!(
            hardware_id(&folder.path().join("empty")).unwrap(),
            id,
            "one that a loss of power emptied is written"
        );
        std::fs::write(folder.path().join("odd"), b"\xff\xfe").unwrap();
        assert!(hardware_id(&folder.path().join("odd")).is_err());
        assert_eq!(std::fs::read(folder.path().join("odd")).unwrap(), b"\xff\xfe");
    }
}

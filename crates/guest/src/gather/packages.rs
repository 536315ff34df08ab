//! Installed packages, from the data base of whichever package manager there is. Only RPM's is read by its own program,
//! since its format is private to it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::UNIX_EPOCH;

use ferrovirt_guest::bounded::MAXIMUM_PACKAGES;
use ferrovirt_guest::protocol::{Package, Packages};

use crate::commands;

const DPKG: &str = "/var/lib/dpkg/status";
const APK: &str = "/lib/apk/db/installed";
const PACMAN: &str = "/var/lib/pacman/local";
const RPM: [&str; 4] = [
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/Packages.db",
    "/var/lib/rpm/Packages",
];
/// Bytes of names and versions that fit a message with room to spare.
const BUDGET: usize = 900 * 1024;
/// JSON around one package: names of the fields, quotes and commas.
const OVERHEAD: usize = 26;

/// Changes when the data base does.
pub(crate) fn stamp() -> u64 {
    let nanoseconds = |path: &str| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        let since = modified.duration_since(UNIX_EPOCH).ok()?;
        u64::try_from(since.as_nanos()).ok()
    };
    let files = [DPKG, APK, PACMAN].iter().chain(RPM.iter());
    files.filter_map(|path| nanoseconds(path)).fold(1, |sum, stamp| sum.rotate_left(7) ^ stamp)
}

/// Every package, and this agent itself where no package brought it.
pub(crate) fn read() -> Packages {
    let mut packages = if let Ok(file) = File::open(DPKG) {
        from_dpkg(BufReader::new(file))
    } else if let Ok(file) = File::open(APK) {
        from_apk(BufReader::new(file))
    } else if Path::new(PACMAN).is_dir() {
        from_pacman()
    } else if RPM.iter().any(|path| Path::new(path).exists()) {
        from_rpm()
    } else {
        Vec::new()
    };
    let agent = env!("CARGO_PKG_NAME").to_owned() + "-agent";
    if packages.iter().all(|package| package.name != agent) {
        packages.push(Package { name: agent, version: env!("CARGO_PKG_VERSION").to_owned() });
    }
    packages.sort();
    bound(packages)
}

fn bound(mut packages: Vec<Package>) -> Packages {
    let mut bytes = 0;
    let fits = |package: &&Package| {
        bytes += package.name.len() + package.version.len() + OVERHEAD;
        bytes <= BUDGET
    };
    let kept = packages.iter().take(MAXIMUM_PACKAGES).take_while(fits).count();
    let truncated = kept < packages.len();
    packages.truncate(kept);
    Packages { packages, truncated }
}

fn lines(reader: impl BufRead) -> impl Iterator<Item = String> {
    reader.split(b'\n').map_while(Result::ok).map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Paragraphs of `Field: value`; see `dpkg-query(1)` for the status words.
fn from_dpkg(reader: impl BufRead) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut current = Package::default();
    let mut installed = false;
    for line in lines(reader).chain([String::new()]) {
        if let Some(name) = line.strip_prefix("Package: ") {
            current.name = name.to_owned();
        } else if let Some(version) = line.strip_prefix("Version: ") {
            current.version = version.to_owned();
        } else if let Some(status) = line.strip_prefix("Status: ") {
            installed = status.ends_with(" installed");
        } else if line.is_empty() {
            let finished = std::mem::take(&mut current);
            if std::mem::take(&mut installed) && !finished.name.is_empty() {
                packages.push(finished);
            }
        }
    }
    packages
}

/// Paragraphs of `P:name` and `V:version`.
fn from_apk(reader: impl BufRead) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut current = Package::default();
    for line in lines(reader).chain([String::new()]) {
        if let Some(name) = line.strip_prefix("P:") {
            current.name = name.to_owned();
        } else if let Some(version) = line.strip_prefix("V:") {
            current.version = version.to_owned();
        } else if line.is_empty() {
            let finished = std::mem::take(&mut current);
            if !finished.name.is_empty() {
                packages.push(finished);
            }
        }
    }
    packages
}

/// One folder a package, named `name-version-release`.
fn from_pacman() -> Vec<Package> {
    let Ok(entries) = fs::read_dir(PACMAN) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    folders.filter_map(|entry| from_folder_name(&entry.file_name().to_string_lossy())).collect()
}

fn from_folder_name(folder: &str) -> Option<Package> {
    let (rest, release) = folder.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some(Package { name: name.to_owned(), version: format!("{version}-{release}") })
}

fn from_rpm() -> Vec<Package> {
    match commands::run("rpm", &["-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE}\\n"], None) {
        Ok(output) => from_rpm_output(&output),
        Err(error) => {
            crate::log::warning(&format!("packages are not told: {error}"));
            Vec::new()
        }
    }
}

fn from_rpm_output(output: &str) -> Vec<Package> {
    let pairs = output.lines().filter_map(|line| line.split_once(' '));
    let packages = pairs.map(|(name, version)| Package { name: name.to_owned(), version: version.to_owned() });
    // The keys that packages are signed with stand in the same data base.
    packages.filter(|package| package.name != "gpg-pubkey").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        Package { name: name.into(), version: version.into() }
    }

    #[test]
    fn each_data_base_is_understood() {
        let dpkg = "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n\
                    Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: zlib\nStatus: hold ok installed\nVersion: 1.3";
        assert_eq!(from_dpkg(dpkg.as_bytes()), [package("bash", "5.2"), package("zlib", "1.3")]);
        let apk = "C:x\nP:musl\nV:1.2.4-r1\n\nP:busybox\nV:1.36\n";
        assert_eq!(from_apk(apk.as_bytes()), [package("musl", "1.2.4-r1"), package("busybox", "1.36")]);
        assert_eq!(from_folder_name("gcc-libs-14.1.1-2"), Some(package("gcc-libs", "14.1.1-2")));
        assert_eq!(from_folder_name("ALPM_DB_VERSION"), None);
        assert_eq!(from_rpm_output("bash 5.1-1.el9\ngpg-pubkey 1-2\n"), [package("bash", "5.1-1.el9")]);
    }

    #[test]
    fn a_list_too_long_for_a_message_is_cut_and_says_so() {
        let many: Vec<Package> =
            (0..30_000).map(|number| package(&format!("package-{number}"), &"1".repeat(40))).collect();
        let bounded = bound(many);
        assert!(bounded.truncated);
        let written = serde_json::to_vec(&bounded).expect("json");
        assert!(written.len() < ferrovirt_guest::protocol::MAXIMUM_MESSAGE, "{}", written.len());
    }
}

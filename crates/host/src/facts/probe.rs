//! Whether KVM truly runs guests here. A device that opens is no proof: a nested or restricted KVM may open and hang.
//!
//! The probe is a real machine: firmware from a file, and a boot sector that writes to QEMU's exit port.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::config::{Config, Virtualization};
use crate::domxml::Accelerator;

/// A KVM that works is through the firmware in well under a second.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the boot sector writes, and what QEMU makes of it: `value * 2 + 1`.
const VALUE: u8 = 0x2a;
const EXIT: i32 = VALUE as i32 * 2 + 1;

/// What was found and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// A probe guest ran.
    pub kvm_usable: bool,
    /// What VMs get.
    pub accelerator: Accelerator,
}

/// Decides by configuration and probe.
pub async fn decide(config: &Config) -> Verdict {
    let kvm_usable = match config.virtualization {
        // Asking costs seconds where it hangs, and the answer would change nothing.
        Virtualization::Tcg => false,
        Virtualization::Kvm | Virtualization::Auto => probe(config).await,
    };
    let kvm = config.virtualization == Virtualization::Kvm || kvm_usable;
    Verdict { kvm_usable, accelerator: if kvm { Accelerator::Kvm } else { Accelerator::Tcg } }
}

/// QEMU's program.
pub fn qemu(config: &Config) -> Option<PathBuf> {
    if let Some(path) = &config.qemu {
        return Some(path.clone());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("qemu-system-x86_64"));
    in_path
        .chain([PathBuf::from("/usr/libexec/qemu-kvm"), PathBuf::from("/usr/bin/qemu-system-x86_64")])
        .find(|path| path.exists())
}

/// `mov al, VALUE; out 0xf4, al; hlt`, as a boot sector.
fn boot_sector() -> Vec<u8> {
    let mut sector = vec![0xb0, VALUE, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd];
    sector.resize(510, 0);
    sector.extend([0x55, 0xaa]);
    sector
}

async fn probe(config: &Config) -> bool {
    if !Path::new("/dev/kvm").exists() {
        return false;
    }
    let Some(qemu) = qemu(config) else { return false };
    match run(&qemu, &config.run_dir, "kvm", PATIENCE).await {
        Ok(ran) => ran,
        Err(error) => {
            tracing::warn!(%error, "the KVM probe could not be run");
            false
        }
    }
}

/// Runs the probe guest with an accelerator.
async fn run(qemu: &Path, folder: &Path, accelerator: &str, patience: Duration) -> std::io::Result<bool> {
    tokio::fs::create_dir_all(folder).await?;
    let image = folder.join(format!("probe-{}.img", std::process::id()));
    tokio::fs::write(&image, boot_sector()).await?;
    let drive = format!("file={},format=raw,if=floppy,readonly=on", image.display());
    let child = tokio::process::Command::new(qemu)
        .args([
            "-accel",
            accelerator,
            "-machine",
            "pc",
            "-m",
            "16",
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
        ])
        .args(["-no-reboot", "-boot", "a", "-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-drive", &drive])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let ran = match child {
        Ok(mut child) => match tokio::time::timeout(patience, child.wait()).await {
            Ok(status) => Ok(status?.code() == Some(EXIT)),
            Err(_elapsed) => {
                child.kill().await?;
                Ok(false)
            }
        },
        Err(error) => Err(error),
    };
    tokio::fs::remove_file(&image).await?;
    ran
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_probe_guest_runs_under_emulation() {
        let config = Config::default();
        let Some(qemu) = qemu(&config) else { return };
        let folder = tempfile::tempdir().unwrap();
        assert!(run(&qemu, folder.path(), "tcg", Duration::from_secs(20)).await.unwrap());
        assert!(!run(&qemu, folder.path(), "no-such-accelerator", Duration::from_secs(20)).await.unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[tokio::test]
    async fn a_setting_decides_without_a_probe() {
        let config = Config { virtualization: Virtualization::Tcg, ..Config::default() };
        let verdict = decide(&config).await;
        assert_eq!(verdict, Verdict { kvm_usable: false, accelerator: Accelerator::Tcg });
    }
}

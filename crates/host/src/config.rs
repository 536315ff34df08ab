//! `host.toml`: what the administrator of one host decides. It refuses to know defaults that depend on the engine.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What runs the guests' processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Virtualization {
    /// KVM where a probe guest truly ran, otherwise TCG.
    #[default]
    Auto,
    /// KVM, whatever the probe says.
    Kvm,
    /// Emulation: slow, and works everywhere.
    Tcg,
}

/// How QEMU opens disk files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum DiskCache {
    /// `none` with native AIO where the file system takes `O_DIRECT`, `writethrough` elsewhere. Safe to migrate.
    #[default]
    Auto,
    /// `cache=none`, `io=native`, always.
    None,
    /// `cache=writethrough`: never loses acknowledged writes, and needs no `O_DIRECT`.
    Writethrough,
}

/// The configuration of one host agent. Every key has a default; unknown keys are errors, so that a typo is seen.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What must survive a restart: the ledger, keys and certificates.
    pub state_dir: PathBuf,
    /// Sockets and scratch files; may be lost at a restart of the machine.
    pub run_dir: PathBuf,
    /// Where the engine reaches this agent (gRPC, mutual TLS).
    pub listen: SocketAddr,
    /// Where image transfers are served (HTTPS).
    pub transfer_listen: SocketAddr,
    /// KVM or emulation.
    pub virtualization: Virtualization,
    /// The local libvirt.
    pub libvirt_uri: String,
    /// libvirt resource partition for the VMs, for example `/lab1`; it is created in the cgroup tree by the administrator.
    pub resource_partition: Option<String>,
    /// Where storage domains are mounted.
    pub storage_root: PathBuf,
    /// The address that this host tells others to reach it by; absent: the one in the certificate.
    pub address: Option<String>,
    /// How a migration source reaches this host's libvirt; `{address}` is replaced.
    /// TLS (`qemu+tls://{address}/system`) needs libvirt's own listener with this host's certificate.
    pub migration_libvirt_uri: String,
    /// The address that QEMU's migration stream comes in at; absent: `address`.
    pub migration_address: Option<IpAddr>,
    /// Lab only: tells libvirt that file storage is shared although it can't see that.
    pub local_test_unsafe_migration: bool,
    /// How disk files are opened.
    pub disk_cache: DiskCache,
    /// File that names the hardware; created when absent.
    pub hardware_id_file: PathBuf,
    /// How often statistics are collected, seconds.
    pub statistics_interval_seconds: u64,
    /// QEMU's program, for the KVM probe; absent: the one in `PATH`, or `/usr/libexec/qemu-kvm`.
    pub qemu: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            state_dir: "/var/lib/ferrovirt".into(),
            run_dir: "/run/ferrovirt".into(),
            listen: SocketAddr::from(([0, 0, 0, 0], ferrovirt_hostapi::HOST_PORT)),
            transfer_listen: SocketAddr::from(([0, 0, 0, 0], ferrovirt_hostapi::TRANSFER_PORT)),
            virtualization: Virtualization::Auto,
            libvirt_uri: "qemu:///system".into(),
            resource_partition: None,
            storage_root: "/rhev/data-center/mnt".into(),
            address: None,
            migration_libvirt_uri: "qemu+tls://{address}/system".into(),
            migration_address: None,
            local_test_unsafe_migration: false,
            disk_cache: DiskCache::Auto,
            hardware_id_file: "/etc/vdsm/vdsm.id".into(),
            statistics_interval_seconds: 5,
            qemu: None,
        }
    }
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and can't be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML, or names a key that does not exist.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads the file; an absent file means all defaults.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path: path.into(), source }),
        };
        toml::from_str(&text).map_err(|source| ConfigError::Parse { path: path.into(), source: Box::new(source) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_file_means_defaults() {
        let config = Config::load(Path::new("/nonexistent/host.toml")).unwrap();
        assert_eq!(config.listen.port(), 54321);
        assert_eq!(config.virtualization, Virtualization::Auto);
    }

    #[test]
    fn keys_are_read_and_unknown_ones_refused() {
        let config: Config =
            toml::from_str("virtualization = \"tcg\"\nlisten = \"10.0.0.1:54321\"\nresource_partition = \"/lab1\"")
                .unwrap();
        assert_eq!(config.virtualization, Virtualization::Tcg);
        assert_eq!(config.resource_partition.as_deref(), Some("/lab1"));
        assert!(toml::from_str::<Config>("virtualisation = \"tcg\"").is_err());
    }
}

//! `engine.toml`: what an administrator decides about the process. Written by setup, read at each start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use ferrovirt_model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::error::{Result, ServerError, at};

/// The settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The name by which clients and hosts reach the engine.
    pub fqdn: String,
    /// Where the API listens.
    #[serde(default = "usual_https")]
    pub listen_https: SocketAddr,
    /// Where plain HTTP listens: health, certificates, and a way to HTTPS.
    #[serde(default = "usual_http")]
    pub listen_http: SocketAddr,
    /// Where the transfer proxy listens.
    #[serde(default = "usual_transfer")]
    pub listen_transfer: SocketAddr,
    /// An outside PostgreSQL in place of the engine's own; `DATABASE_URL` in the environment wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_url: Option<Secret>,
    /// Minutes without use after which a session ends.
    #[serde(default = "usual_idle")]
    pub session_idle_minutes: u64,
    /// Seconds of silence after which a host counts as lost.
    #[serde(default = "usual_grace")]
    pub host_grace_seconds: u64,
    /// Days that certificates of the engine and of hosts live.
    #[serde(default = "usual_days")]
    pub certificate_days: u32,
    /// Origins of web pages that may use the API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
}

fn any(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)
}

fn usual_https() -> SocketAddr {
    any(443)
}

fn usual_http() -> SocketAddr {
    any(80)
}

fn usual_transfer() -> SocketAddr {
    any(54323)
}

/// oVirt's `UserSessionTimeOutInterval`.
fn usual_idle() -> u64 {
    30
}

fn usual_grace() -> u64 {
    60
}

fn usual_days() -> u32 {
    90
}

impl Config {
    /// For an engine of this name, all else as usual.
    #[must_use]
    pub fn new(fqdn: impl Into<String>) -> Self {
        Self {
            fqdn: fqdn.into(),
            listen_https: usual_https(),
            listen_http: usual_http(),
            listen_transfer: usual_transfer(),
            database_url: None,
            session_idle_minutes: usual_idle(),
            host_grace_seconds: usual_grace(),
            certificate_days: usual_days(),
            allowed_origins: Vec::new(),
        }
    }

    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// [`ServerError::File`], [`ServerError::Configuration`].
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(path)(error)),
        };
        let refuse = |what: String| ServerError::Configuration { path: path.to_owned(), what };
        let config: Self = toml::from_str(&text).map_err(|error| refuse(error.message().to_owned()))?;
        if config.certificate_days == 0 || config.session_idle_minutes == 0 {
            return Err(refuse("certificate_days and session_idle_minutes are at least 1".to_owned()));
        }
        Ok(Some(config))
    }

    /// The file's text.
    ///
    /// # Errors
    /// [`ServerError::Configuration`], should a value not be expressible.
    pub fn text(&self) -> Result<String> {
        let refuse = |error: toml::ser::Error| ServerError::Configuration {
            path: "engine.toml".into(),
            what: error.to_string(),
        };
        Ok(format!(
            "# Settings of this Ferrovirt engine; it reads them when it starts.\n{}",
            toml::to_string(self).map_err(refuse)?
        ))
    }

    /// The addresses on which it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> =
            [self.listen_https, self.listen_http, self.listen_transfer].iter().map(SocketAddr::ip).collect();
        addresses.dedup();
        addresses
    }

    /// How long certificates live.
    #[must_use]
    pub fn certificate_lifetime(&self) -> Duration {
        Duration::from_secs(u64::from(self.certificate_days) * 24 * 3600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_unknown_settings_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.toml");
        assert!(Config::read(&path).unwrap().is_none());
        let config = Config { database_url: Some(Secret::new("postgres://x")), ..Config::new("engine.example") };
        std::fs::write(&path, config.text().unwrap()).unwrap();
        let read = Config::read(&path).unwrap().unwrap();
        assert_eq!((read.fqdn.as_str(), read.listen_https), ("engine.example", any(443)));
        assert_eq!(read.database_url, config.database_url);
        std::fs::write(&path, "fqdn = 'a'\nlisten_htps = '0.0.0.0:1'").unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("listen_htps"));
    }
}

//! The server's process: our child, or one that an engine before us left behind. Refuses to know how it is started.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use super::first_line;
use crate::error::{Result, at};

/// How often a process that is not our child is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A running server.
#[derive(Debug)]
pub(super) enum Server {
    /// Started by us.
    Child(Child),
    /// Found running.
    Adopted(Pid),
}

impl Server {
    /// The server that runs on a data folder. A pid file whose process is gone, or is another program by now, is removed:
    /// PostgreSQL itself would refuse to start as long as any process of its user had that number.
    pub(super) fn running(data: &Path) -> Result<Option<Self>> {
        let path = data.join("postmaster.pid");
        let Some(line) = first_line(&path) else { return Ok(None) };
        let pid = line.parse::<i32>().ok().filter(|pid| *pid > 1).map(Pid::from_raw);
        match pid.filter(|pid| serves(*pid, data)) {
            Some(pid) => Ok(Some(Self::Adopted(pid))),
            None => {
                tracing::warn!(line, "the database server's pid file is stale");
                std::fs::remove_file(&path).map_err(at(&path))?;
                Ok(None)
            }
        }
    }

    /// Whether it has ended.
    pub(super) async fn ended(&mut self) -> bool {
        match self {
            Self::Child(child) => !matches!(child.try_wait(), Ok(None)),
            Self::Adopted(pid) => !alive(*pid),
        }
    }

    /// Waits for its end.
    pub(super) async fn end(&mut self) {
        match self {
            Self::Child(child) => match child.wait().await {
                Ok(status) => tracing::info!(%status, "the database server ended"),
                Err(error) => tracing::error!(%error, "the database server can't be waited for"),
            },
            Self::Adopted(pid) => {
                while alive(*pid) {
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Stops it: fast shutdown, and immediate shutdown when that takes longer than `patience`.
    pub(super) async fn stop(&mut self, patience: Duration) {
        let begun = Instant::now();
        for (signal, patience) in [(Signal::SIGINT, patience), (Signal::SIGQUIT, Duration::from_secs(10))] {
            let Some(pid) = self.pid() else { return };
            if let Err(errno) = kill(pid, signal) {
                tracing::debug!(%errno, "the database server is gone already");
                return;
            }
            let ended = match self {
                Self::Child(child) => tokio::time::timeout(patience, child.wait()).await.is_ok(),
                Self::Adopted(pid) => {
                    let waited = async {
                        while alive(*pid) {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                    };
                    tokio::time::timeout(patience, waited).await.is_ok()
                }
            };
            if ended {
                tracing::info!(milliseconds = begun.elapsed().as_millis(), "the database server is stopped");
                return;
            }
            tracing::warn!(?signal, "the database server takes too long to stop");
        }
    }

    fn pid(&self) -> Option<Pid> {
        match self {
            Self::Child(child) => child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw),
            Self::Adopted(pid) => Some(*pid),
        }
    }
}

/// Whether the server takes connections: line 8 of its pid file says so since version 10.
pub(super) fn is_ready(data: &Path) -> bool {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).is_some_and(|status| status.trim() == "ready")
}

fn alive(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state is the letter after the name's closing bracket; Z is dead and waits to be buried.
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Whether a process is the server of this folder: its command line names both.
fn serves(pid: Pid, data: &Path) -> bool {
    let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let is_server = words.next().is_some_and(|program| Path::new(program.as_ref()).ends_with("postgres"));
    is_server && alive(pid) && words.any(|word| Path::new(word.as_ref()) == data)
}

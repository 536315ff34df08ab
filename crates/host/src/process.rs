//! Helper processes that may outlive the agent: named so that no other is ever meant by it, and ended by the next agent.
//! It refuses to know what they do.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use serde::{Deserialize, Serialize};

/// How often an ending process is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long a killed process may take to let its files go.
const DEATH: Duration = Duration::from_secs(2);

/// A process: its id and when it started, in clock ticks. Together they are never given twice between restarts of the
/// machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process(u32, u64);

/// State and start time of a process that exists.
fn status(pid: u32) -> Option<(String, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold blanks; fields are counted from its end.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.to_owned();
    Some((state, fields.nth(18)?.parse().ok()?))
}

impl Process {
    /// The process that has this id now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        status(pid).map(|(_, start)| Process(pid, start))
    }

    /// Whether that very process still runs.
    fn runs(self) -> bool {
        status(self.0).is_some_and(|(state, start)| start == self.1 && state != "Z" && state != "X")
    }

    fn send(self, signal: Signal) {
        let Some(id) = i32::try_from(self.0).ok().filter(|_| self.runs()) else { return };
        if let Err(errno) = kill(nix::unistd::Pid::from_raw(id), signal) {
            tracing::warn!(pid = id, %errno, "a process that outlived the agent could not be ended");
        }
    }

    /// Ends it at once, if it runs: for work that is done again from its beginning.
    pub(crate) fn end_at_once(self) {
        if self.runs() {
            tracing::warn!(pid = self.0, "ending a process that outlived the agent");
            self.send(Signal::SIGKILL);
        }
    }

    /// Asks it to end, so that it writes what it holds; ends it where it does not within `patience`. Says whether it is
    /// gone: one that waits for dead storage stays.
    pub(crate) async fn end(self, patience: Duration) -> bool {
        if self.runs() {
            tracing::warn!(pid = self.0, "ending a process that outlived the agent");
            self.send(Signal::SIGTERM);
        }
        if self.is_gone_within(patience).await {
            return true;
        }
        self.send(Signal::SIGKILL);
        self.is_gone_within(DEATH).await
    }

    async fn is_gone_within(self, patience: Duration) -> bool {
        let gone = async {
            while self.runs() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(patience, gone).await.is_ok()
    }

    /// Leaves a record for the next agent. A torn one is no record: it is for a crash of the agent, not of the machine.
    pub(crate) fn record(self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, serde_json::to_vec(&self)?)
    }

    /// What an earlier agent recorded.
    pub(crate) fn recorded(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> std::process::Child {
        let mut command = std::process::Command::new("sh");
        let mut child = command.args(["-c", script]).stdout(std::process::Stdio::piped()).spawn().unwrap();
        // The shell speaks when its traps stand.
        let mut line = String::new();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut said, &mut line).unwrap();
        child
    }

    #[tokio::test]
    async fn a_process_is_asked_first_and_killed_when_it_does_not_listen() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("record");
        let mut kind = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        Process::of(kind.id()).unwrap().record(&record).unwrap();
        let found = Process::recorded(&record).unwrap();
        assert!(found.end(Duration::from_secs(20)).await);
        assert_eq!(kind.wait().unwrap().code(), Some(7), "it ended by its own hand");
        let mut deaf = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        assert!(Process::of(deaf.id()).unwrap().end(Duration::from_millis(100)).await);
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&deaf.wait().unwrap()), Some(9));
    }

    #[tokio::test]
    async fn a_process_that_got_an_old_id_is_left_alone() {
        let mut stranger = shell("echo ready; sleep 600");
        let Process(pid, start) = Process::of(stranger.id()).unwrap();
        let old = Process(pid, start - 1);
        old.end_at_once();
        assert!(old.end(Duration::from_secs(1)).await, "the old one is gone");
        assert!(stranger.try_wait().unwrap().is_none(), "and the stranger runs");
        stranger.kill().unwrap();
        stranger.wait().unwrap();
        assert!(Process::recorded(Path::new("/nonexistent")).is_none());
    }
}

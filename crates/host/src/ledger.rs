//! The ledger: what was promised, on disk. It survives the agent, the machine and a full disk's half-written file.
//!
//! One file a VM, replaced as a whole: written beside, synced, renamed, the folder synced. A file that can't be read is
//! put aside and told, never guessed at. It refuses to know what runs: that is libvirt's word.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};

use ferrovirt_hostapi::{CommandKey, VmSpec};
use serde::{Deserialize, Serialize};

use crate::vm::VmError;

/// Outcomes remembered for each VM.
const OUTCOMES: usize = 64;

/// Where a VM stands; see the diagram in `vm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// We shall run it.
    Promised,
    /// It runs.
    Running,
    /// It is being migrated away.
    Leaving,
    /// We promised to take it.
    Arriving,
    /// It ended.
    Down,
    /// Only its generation is remembered.
    Gone,
}

impl Standing {
    /// QEMU may exist here.
    pub fn is_alive(self) -> bool {
        !matches!(self, Standing::Down | Standing::Gone)
    }
}

/// How a run ended, in the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitKind {
    /// The guest powered off by itself.
    ShutdownByGuest,
    /// The guest powered off because it was asked.
    ShutdownRequested,
    /// The plug was pulled.
    PoweredOff,
    /// QEMU or the guest crashed.
    Crashed,
    /// It never ran.
    FailedToStart,
    /// It runs elsewhere; the target knows more.
    Migrated,
    /// It is gone and nobody knows why.
    Lost,
}

impl ExitKind {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            ExitKind::ShutdownByGuest => "shutdown_by_guest",
            ExitKind::ShutdownRequested => "shutdown_requested",
            ExitKind::PoweredOff => "powered_off",
            ExitKind::Crashed => "crashed",
            ExitKind::FailedToStart => "failed_to_start",
            ExitKind::Migrated => "migrated",
            ExitKind::Lost => "lost",
        }
    }
}

/// How and when a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// How.
    pub kind: ExitKind,
    /// More about it.
    pub message: String,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// Where a VM is being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The host that takes it.
    pub host_id: String,
    /// The generation of the run that begins there.
    pub generation: u64,
}

/// A command that was done, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Job, step and try.
    pub key: String,
    /// What was answered.
    pub result: Result<(), VmError>,
}

/// All that is remembered of one VM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The VM's id.
    pub vm_id: String,
    /// The highest generation that this host has seen.
    pub generation: u64,
    /// Where it stands.
    pub standing: Standing,
    /// What was promised; empty for a domain that was found without a promise.
    #[serde(with = "spec_text")]
    pub spec: VmSpec,
    /// When it stood there first, milliseconds since the epoch.
    pub since: i64,
    /// When the run began here.
    pub started_at: i64,
    /// How it ended.
    pub exit: Option<Exit>,
    /// Where it is sent, or was.
    pub target: Option<Target>,
    /// The guest was asked to power off.
    pub asked_shutdown: bool,
    /// Commands done.
    pub outcomes: VecDeque<Outcome>,
}

impl Record {
    /// A record of a VM that nothing is known of yet.
    pub fn new(spec: VmSpec, standing: Standing, now: i64) -> Self {
        Record {
            vm_id: spec.id.clone(),
            generation: spec.generation,
            standing,
            spec,
            since: now,
            started_at: 0,
            exit: None,
            target: None,
            asked_shutdown: false,
            outcomes: VecDeque::new(),
        }
    }

    /// What was answered to this command, if it was done.
    pub fn outcome(&self, key: &str) -> Option<&Result<(), VmError>> {
        self.outcomes.iter().find(|outcome| outcome.key == key).map(|outcome| &outcome.result)
    }

    /// Remembers an answer; the oldest is forgotten.
    pub fn remember(&mut self, key: String, result: Result<(), VmError>) {
        self.outcomes.retain(|outcome| outcome.key != key);
        self.outcomes.push_back(Outcome { key, result });
        if self.outcomes.len() > OUTCOMES {
            self.outcomes.pop_front();
        }
    }
}

/// The text of a command's key; none where the caller gave no job.
pub fn key_text(key: Option<&CommandKey>) -> Option<String> {
    key.filter(|key| !key.job_id.is_empty()).map(|key| format!("{}/{}/{}", key.job_id, key.step, key.generation))
}

mod spec_text {
    //! The promise as the contract's own bytes, in hexadecimal: a field that this release does not know survives.

    use ferrovirt_hostapi::VmSpec;
    use prost::Message;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(spec: &VmSpec, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(spec.encode_to_vec()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VmSpec, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(text).map_err(serde::de::Error::custom)?;
        VmSpec::decode(bytes.as_slice()).map_err(serde::de::Error::custom)
    }
}

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct LedgerError {
    path: PathBuf,
    source: std::io::Error,
}

/// The folder of records.
#[derive(Debug, Clone)]
pub struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    /// Opens the folder, making it where it is missing.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let fail = |source| LedgerError { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(folder, mode).map_err(fail)?;
        Ok(Ledger { folder: folder.to_owned() })
    }

    fn path(&self, vm_id: &str) -> PathBuf {
        // Ids come from the engine; a name that could leave the folder is made harmless.
        let safe: String = vm_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        self.folder.join(format!("{safe}.json"))
    }

    /// Writes a record so that it is there, whole, after any crash from now on.
    pub fn save(&self, record: &Record) -> Result<(), LedgerError> {
        let path = self.path(&record.vm_id);
        let fail = |source| LedgerError { path: path.clone(), source };
        let text = serde_json::to_vec(record).map_err(|error| fail(std::io::Error::other(error)))?;
        let beside = path.with_extension("new");
        let mut file = std::fs::File::create(&beside).map_err(fail)?;
        file.write_all(&text).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        std::fs::rename(&beside, &path).map_err(fail)?;
        self.sync().map_err(fail)
    }

    /// The record of one VM; none where there is none.
    pub fn read(&self, vm_id: &str) -> Result<Option<Record>, LedgerError> {
        let path = self.path(vm_id);
        let fail = |source| LedgerError { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| fail(std::io::Error::other(error))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(fail(source)),
        }
    }

    /// Removes a record.
    pub fn forget(&self, vm_id: &str) -> Result<(), LedgerError> {
        let path = self.path(vm_id);
        match std::fs::remove_file(&path) {
            Ok(()) => self.sync().map_err(|source| LedgerError { path, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(LedgerError { path, source }),
        }
    }

    fn sync(&self) -> std::io::Result<()> {
        std::fs::File::open(&self.folder)?.sync_all()
    }

    /// All records. What can't be read is renamed to `.bad`, so that it is told once and kept for a human.
    pub fn load(&self) -> Result<Vec<Record>, LedgerError> {
        let fail = |source| LedgerError { path: self.folder.clone(), source };
        let mut records = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read(&path).map_err(|source| LedgerError { path: path.clone(), source })?;
            match serde_json::from_slice::<Record>(&text) {
                Ok(record) => records.push(record),
                Err(error) => {
                    tracing::error!(path = %path.display(), %error, "a record of the ledger can't be read and is put aside");
                    std::fs::rename(&path, path.with_extension("bad"))
                        .map_err(|source| LedgerError { path: path.clone(), source })?;
                }
            }
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, generation: u64) -> Record {
        let spec = VmSpec { id: id.into(), name: "web".into(), generation, ..VmSpec::default() };
        Record::new(spec, Standing::Promised, 5)
    }

    #[test]
    fn what_is_saved_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.save(&record("a", 1)).unwrap();
        let mut second = record("a", 2);
        second.remember("job/step/1".into(), Ok(()));
        ledger.save(&second).unwrap();
        let again = Ledger::open(folder.path()).unwrap();
        assert_eq!(again.load().unwrap(), vec![second]);
        again.forget("a").unwrap();
        again.forget("a").unwrap();
        assert!(again.load().unwrap().is_empty());
    }

    #[test]
    fn a_crash_while_writing_leaves_the_old_record() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.save(&record("a", 1)).unwrap();
        std::fs::write(folder.path().join("a.new"), b"{\"vm_id\": \"a").unwrap();
        assert_eq!(ledger.load().unwrap(), vec![record("a", 1)]);
    }

    #[test]
    fn what_cannot_be_read_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.save(&record("a", 1)).unwrap();
        std::fs::write(folder.path().join("b.json"), b"{").unwrap();
        assert_eq!(ledger.load().unwrap().len(), 1);
        assert!(folder.path().join("b.bad").exists());
        assert_eq!(ledger.load().unwrap().len(), 1);
    }

    #[test]
    fn a_name_can_not_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.save(&record("../../evil", 1)).unwrap();
        assert!(folder.path().join("______evil.json").exists());
    }

    #[test]
    fn outcomes_are_bounded() {
        let mut record = record("a", 1);
        for number in 0..200 {
            record.remember(format!("job/step/{number}"), Ok(()));
        }
        assert_eq!(record.outcomes.len(), OUTCOMES);
        assert!(record.outcome("job/step/199").is_some());
        assert!(record.outcome("job/step/1").is_none());
    }
}

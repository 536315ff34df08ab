//! Long copies: begun once a key, told as they go, cancellable, and honest after a crash.
//!
//! Each task leaves a record with its process. After a restart such a process is ended and the task is told as failed,
//! so that the job tries again with a target made empty. It refuses to know why something is copied.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ferrovirt_hostapi as api;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{Answer, StorageError, blocking};
use crate::process::Process;
use crate::reports::Reports;

/// Records of ended tasks that are kept.
const KEPT: usize = 256;
/// How long a cancelled task may take to end.
const CANCEL_DEADLINE: Duration = Duration::from_secs(30);

/// The text of a key: job, step and try.
pub(super) fn text_of(key: &api::CommandKey) -> String {
    format!("{}/{}/{}", key.job_id, key.step, key.generation)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    job_id: String,
    step: String,
    generation: u64,
    running: bool,
    succeeded: bool,
    error: String,
    percent: u32,
    /// Who does the work.
    worker: Option<Process>,
    /// Order of beginnings.
    number: u64,
}

impl Record {
    fn key(&self) -> api::CommandKey {
        api::CommandKey { job_id: self.job_id.clone(), step: self.step.clone(), generation: self.generation }
    }

    fn state(&self) -> api::TaskState {
        api::TaskState {
            key: Some(self.key()),
            running: self.running,
            succeeded: self.succeeded,
            error: self.error.clone(),
            percent: self.percent,
        }
    }
}

/// One task in memory.
pub(super) struct Task {
    record: Mutex<Record>,
    cancel: Notify,
    ended: Notify,
}

impl Task {
    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        // A record is plain values: a panic elsewhere leaves it as true as it was.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the task was cancelled.
    pub(super) async fn cancelled(&self) {
        self.cancel.notified().await;
    }
}

/// All tasks of the host.
pub(super) struct Tasks {
    folder: PathBuf,
    all: Mutex<HashMap<String, Arc<Task>>>,
    reports: Reports,
}

impl Tasks {
    /// Reads the records; tasks that ran when the agent ended are told as failed, and their processes are ended.
    pub(super) fn open(state_dir: &Path, reports: Reports) -> Answer<Self> {
        let folder = state_dir.join("tasks");
        std::fs::create_dir_all(&folder)
            .map_err(|source| StorageError::io(format!("making {}", folder.display()), source))?;
        let tasks = Tasks { folder, all: Mutex::default(), reports };
        let list = std::fs::read_dir(&tasks.folder)
            .map_err(|source| StorageError::io(format!("reading {}", tasks.folder.display()), source))?;
        for path in list.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            let record = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Record>(&text).ok());
            let Some(mut record) = record else {
                // A torn record says nothing; its task is unknown, which is told as failed too.
                let _ = std::fs::remove_file(&path);
                continue;
            };
            if record.running {
                record.worker.into_iter().for_each(Process::end_at_once);
                record.running = false;
                record.error = "the host agent restarted while the task ran".into();
                tasks.save(&record)?;
            }
            tasks.reports.push_task(record.state());
            tasks.insert(record);
        }
        Ok(tasks)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Task>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, record: Record) -> Arc<Task> {
        let key = text_of(&record.key());
        let task = Arc::new(Task { record: Mutex::new(record), cancel: Notify::new(), ended: Notify::new() });
        self.all().insert(key, Arc::clone(&task));
        task
    }

    fn path(&self, record: &Record) -> PathBuf {
        use sha2::{Digest, Sha256};
        let name = hex::encode(Sha256::digest(text_of(&record.key()).as_bytes()));
        self.folder.join(format!("{}.json", &name[..32]))
    }

    fn save(&self, record: &Record) -> Answer<()> {
        let path = self.path(record);
        let text = serde_json::to_vec(record)
            .map_err(|error| StorageError::Io { context: "a task record".into(), source: error.into() })?;
        blocking::replace(&path, &text, 0o600)
            .map_err(|source| StorageError::io(format!("writing {}", path.display()), source))
    }

    /// Begins a task. None: this key was begun before. An older try of the same step is ended first.
    pub(super) async fn begin(&self, key: &api::CommandKey) -> Answer<Option<Arc<Task>>> {
        if key.job_id.is_empty() {
            return Err(StorageError::Invalid("a copy needs a command key".into()));
        }
        let older: Vec<api::CommandKey> = {
            let all = self.all();
            if all.contains_key(&text_of(key)) {
                return Ok(None);
            }
            let same_step = |record: &Record| record.job_id == key.job_id && record.step == key.step && record.running;
            all.values().map(|task| task.record().clone()).filter(same_step).map(|record| record.key()).collect()
        };
        for key in older {
            self.cancel(&key).await?;
        }
        let record = {
            let number = self.all().values().map(|task| task.record().number).max().unwrap_or(0) + 1;
            Record {
                job_id: key.job_id.clone(),
                step: key.step.clone(),
                generation: key.generation,
                running: true,
                succeeded: false,
                error: String::new(),
                percent: 0,
                worker: None,
                number,
            }
        };
        self.save(&record)?;
        self.reports.push_task(record.state());
        self.forget_oldest();
        Ok(Some(self.insert(record)))
    }

    fn forget_oldest(&self) {
        let mut all = self.all();
        let mut ended: Vec<(u64, String, PathBuf)> = all
            .iter()
            .map(|(key, task)| (key.clone(), task.record().clone()))
            .filter(|(_, record)| !record.running)
            .map(|(key, record)| (record.number, key, self.path(&record)))
            .collect();
        ended.sort();
        for (_, key, path) in ended.iter().take(ended.len().saturating_sub(KEPT)) {
            all.remove(key);
            // A record that stays behind is read and told again after a restart: harmless.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Records which process does the work.
    pub(super) fn worker(&self, task: &Task, pid: Option<u32>) -> Answer<()> {
        let record = {
            let mut record = task.record();
            record.worker = pid.and_then(Process::of);
            record.clone()
        };
        self.save(&record)
    }

    /// Tells progress, when it moved.
    pub(super) fn progress(&self, task: &Task, percent: u32) {
        let state = {
            let mut record = task.record();
            if percent <= record.percent {
                return;
            }
            record.percent = percent.min(99);
            record.state()
        };
        self.reports.push_task(state);
    }

    /// Tells and records the end.
    pub(super) fn end(&self, task: &Task, outcome: Result<(), String>) {
        let record = {
            let mut record = task.record();
            record.running = false;
            record.worker = None;
            match outcome {
                Ok(()) => (record.succeeded, record.percent) = (true, 100),
                Err(why) => record.error = why,
            }
            record.clone()
        };
        if let Err(error) = self.save(&record) {
            // The outcome is still told; only a restart would call a finished task failed, and the job would redo it.
            tracing::error!(task = text_of(&record.key()), %error, "the end of a task could not be recorded");
        }
        self.reports.push_task(record.state());
        task.ended.notify_waiters();
    }

    /// The state of a task. One that the host does not know is told as failed: after a crash the job must try again.
    pub(super) fn state(&self, key: &api::CommandKey) -> api::TaskState {
        match self.all().get(&text_of(key)) {
            Some(task) => task.record().state(),
            None => api::TaskState {
                key: Some(key.clone()),
                running: false,
                succeeded: false,
                error: "the host does not know this task".into(),
                percent: 0,
            },
        }
    }

    /// Every known task.
    pub(super) fn states(&self) -> Vec<api::TaskState> {
        self.all().values().map(|task| task.record().state()).collect()
    }

    /// Cancels a task and waits for its end; an ended or unknown one is fine.
    pub(super) async fn cancel(&self, key: &api::CommandKey) -> Answer<()> {
        let Some(task) = self.all().get(&text_of(key)).cloned() else { return Ok(()) };
        let ended = task.ended.notified();
        tokio::pin!(ended);
        ended.as_mut().enable();
        if !task.record().running {
            return Ok(());
        }
        task.cancel.notify_one();
        tokio::time::timeout(CANCEL_DEADLINE, ended)
            .await
            .map_err(|_elapsed| StorageError::NotAnswering(format!("task {} did not end", text_of(key))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(generation: u64) -> api::CommandKey {
        api::CommandKey { job_id: "job".into(), step: "copy".into(), generation }
    }

    #[tokio::test]
    async fn a_key_is_begun_once_and_a_restart_fails_what_ran() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = Tasks::open(folder.path(), Reports::new()).unwrap();
        assert!(!tasks.state(&key(1)).running);
        let done = tasks.begin(&key(1)).await.unwrap().unwrap();
        assert!(tasks.begin(&key(1)).await.unwrap().is_none());
        tasks.end(&done, Ok(()));
        let mut sleeper = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let torn = tasks.begin(&key(2)).await.unwrap().unwrap();
        tasks.worker(&torn, Some(sleeper.id())).unwrap();
        tasks.progress(&torn, 40);
        drop(tasks);

        let tasks = Tasks::open(folder.path(), Reports::new()).unwrap();
        assert!(tasks.state(&key(1)).succeeded);
        let state = tasks.state(&key(2));
        assert!(!state.running && !state.succeeded && state.error.contains("restarted"), "{state:?}");
        let status = sleeper.wait().unwrap();
        assert!(!status.success(), "the process that outlived the agent is ended");
    }

    #[tokio::test]
    async fn a_newer_try_ends_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = Arc::new(Tasks::open(folder.path(), Reports::new()).unwrap());
        let first = tasks.begin(&key(1)).await.unwrap().unwrap();
        let worker = tokio::spawn({
            let tasks = Arc::clone(&tasks);
            async move {
                first.cancelled().await;
                tasks.end(&first, Err("cancelled".into()));
            }
        });
        tasks.begin(&key(2)).await.unwrap().unwrap();
        worker.await.unwrap();
        assert!(!tasks.state(&key(1)).running && tasks.state(&key(2)).running);
    }
}

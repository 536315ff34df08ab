//! Active domains: looked at every ten seconds, told each time. A look that hangs is told too, and waited for by nobody.
//!
//! It refuses to know what is done about a sick domain.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ferrovirt_hostapi as api;
use prost::Message;
use tokio::task::{AbortHandle, JoinHandle};

use super::{Answer, StorageError, blocking, domains};
use crate::reports::{Reports, now_ms};

/// Time between looks.
const INTERVAL: Duration = Duration::from_secs(10);
/// A look that takes longer says that the storage does not answer.
const PATIENCE: Duration = Duration::from_secs(8);

struct Active {
    request: api::DomainRequest,
    state: api::DomainState,
    hung: bool,
    watcher: AbortHandle,
}

/// The domains that this host was told to use.
pub(super) struct Watch {
    folder: PathBuf,
    active: Mutex<HashMap<String, Active>>,
    reports: Reports,
}

impl Watch {
    pub(super) fn open(state_dir: &Path, reports: Reports) -> Answer<Self> {
        let folder = state_dir.join("domains");
        std::fs::create_dir_all(&folder)
            .map_err(|source| StorageError::io(format!("making {}", folder.display()), source))?;
        Ok(Watch { folder, active: Mutex::default(), reports })
    }

    fn active(&self) -> MutexGuard<'_, HashMap<String, Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Domains that were active when the agent ended.
    pub(super) fn remembered(&self) -> Vec<api::DomainRequest> {
        let Ok(list) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        list.filter_map(|entry| std::fs::read(entry.ok()?.path()).ok())
            .filter_map(|bytes| api::DomainRequest::decode(bytes.as_slice()).ok())
            .collect()
    }

    /// Watches a domain from now on, and remembers it over a restart.
    pub(super) fn add(
        self: &Arc<Self>,
        request: api::DomainRequest,
        place: PathBuf,
        state: api::DomainState,
    ) -> Answer<()> {
        let id = request.domain_id.clone();
        let path = self.folder.join(&id);
        blocking::replace(&path, &request.encode_to_vec(), 0o600)
            .map_err(|source| StorageError::io(format!("writing {}", path.display()), source))?;
        self.reports.push_domain(state.clone());
        let watch = Arc::clone(self);
        let watcher = tokio::spawn(async move { watch.turn(id, place).await }).abort_handle();
        let new = Active { hung: false, request, state, watcher };
        if let Some(old) = self.active().insert(new.request.domain_id.clone(), new) {
            old.watcher.abort();
        }
        Ok(())
    }

    /// Watches a domain no longer.
    pub(super) fn remove(&self, domain_id: &str) -> Answer<Option<api::DomainRequest>> {
        let gone = self.active().remove(domain_id);
        if let Some(gone) = &gone {
            gone.watcher.abort();
        }
        self.reports.forget_domain(domain_id);
        match std::fs::remove_file(self.folder.join(domain_id)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(StorageError::io(format!("forgetting domain {domain_id}"), source)),
        }
        Ok(gone.map(|gone| gone.request))
    }

    /// The last state of an active domain.
    pub(super) fn state(&self, domain_id: &str) -> Option<api::DomainState> {
        self.active().get(domain_id).map(|active| active.state.clone())
    }

    /// The last states of all active domains.
    pub(super) fn states(&self) -> Vec<api::DomainState> {
        self.active().values().map(|active| active.state.clone()).collect()
    }

    /// Refuses work on a domain that does not answer, before another thread hangs in it.
    pub(super) fn require_answering(&self, domain_id: &str) -> Answer<()> {
        match self.active().get(domain_id) {
            Some(active) if active.hung => {
                Err(StorageError::NotAnswering(format!("storage domain {domain_id} is not answering")))
            }
            _ => Ok(()),
        }
    }

    async fn turn(self: Arc<Self>, id: String, place: PathBuf) {
        let mut pending: Option<JoinHandle<Answer<api::DomainState>>> = None;
        loop {
            tokio::time::sleep(INTERVAL).await;
            let mut look = pending.take().unwrap_or_else(|| {
                let place = place.clone();
                tokio::task::spawn_blocking(move || domains::look(&place))
            });
            match tokio::time::timeout(PATIENCE, &mut look).await {
                Ok(Ok(Ok(state))) => self.note(&id, false, |last| *last = state),
                Ok(Ok(Err(error))) => self.problem(&id, false, error.to_string()),
                Ok(Err(panic)) => self.problem(&id, false, panic.to_string()),
                Err(_elapsed) => {
                    // The same look is asked again next time: one stuck thread a domain, not one every ten seconds.
                    pending = Some(look);
                    self.problem(&id, true, "not answering".into());
                }
            }
        }
    }

    fn problem(&self, id: &str, hung: bool, problem: String) {
        self.note(id, hung, |last| {
            last.ready = false;
            last.problem = problem;
            last.checked_at = now_ms();
        });
    }

    fn note(&self, id: &str, hung: bool, change: impl FnOnce(&mut api::DomainState)) {
        let state = {
            let mut all = self.active();
            let Some(active) = all.get_mut(id) else { return };
            let was = active.state.ready;
            change(&mut active.state);
            active.hung = hung;
            if was != active.state.ready {
                tracing::warn!(
                    domain = id,
                    ready = active.state.ready,
                    problem = active.state.problem,
                    "storage domain"
                );
            }
            active.state.clone()
        };
        self.reports.push_domain(state);
    }
}

/// A state for a domain that could not be looked at.
pub(super) fn unready(domain_id: &str, problem: String) -> api::DomainState {
    api::DomainState { domain_id: domain_id.to_owned(), problem, checked_at: now_ms(), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_domain_that_vanishes_is_told_and_forgotten_when_removed() {
        let state_dir = tempfile::tempdir().unwrap();
        let watch = Arc::new(Watch::open(state_dir.path(), Reports::new()).unwrap());
        let request = api::DomainRequest { domain_id: "d".into(), ..Default::default() };
        let ready = api::DomainState { domain_id: "d".into(), ready: true, ..Default::default() };
        watch.add(request.clone(), "/nonexistent/d".into(), ready).unwrap();
        assert_eq!(watch.remembered(), vec![request]);
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if !watch.state("d").unwrap().ready {
                break;
            }
        }
        assert!(watch.state("d").unwrap().problem.contains("no storage domain"));
        watch.remove("d").unwrap();
        assert!(watch.remembered().is_empty() && watch.states().is_empty());
    }
}

//! VMs as they were read before: a list asks the database which of its rows are new, and reads and decodes those alone.
//!
//! A row's `xmin` names the transaction that wrote the version that a query sees (PostgreSQL documentation, "System
//! Columns"): the same `xmin`s are the same rows, whoever wrote them. So what this holds is never older than the query that
//! asked, and needs no word from the writers. A standby that takes the place of a lost server may give a number out again;
//! its connections are new, and a new connection forgets everything here. Transactions that write have no part in this: what
//! they wrote twice has one `xmin`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrovirt_model::ids::VmId;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::{VIEW, VIEW_FROM, VmView, view};
use crate::search::Compiled;
use crate::{Areas, Reader, Result};

/// Held VMs at most; beyond it, lists read what is not held. About 3 kB each.
const CAPACITY: usize = 65_536;

/// What a list selects to find out which of its rows are new. Disks are rows apart, of which a view shows one thing only:
/// so that stands here itself. It is found by one pass over the disks for all VMs.
const REVISION: &str = "vm.id, vm.xmin as vm_xmin, r.xmin as run_xmin, f.xmin as facts_xmin,
    vm.id in (select a.vm_id from disk_attachment a join disk d on d.id = a.disk_id
        where d.state = 'illegal' and a.vm_id is not null) as has_illegal_images";

/// The transactions that wrote the rows of a view: the VM's own, its run's and its facts'; and what it shows of its disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Revision {
    vm: i32,
    run: Option<i32>,
    facts: Option<i32>,
    has_illegal_images: bool,
}

impl Revision {
    fn of(row: &PgRow) -> Result<Self> {
        // A transaction's number has four bytes, whose order means nothing here.
        Ok(Self {
            vm: row.try_get_unchecked("vm_xmin")?,
            run: row.try_get_unchecked("run_xmin")?,
            facts: row.try_get_unchecked("facts_xmin")?,
            has_illegal_images: row.try_get("has_illegal_images")?,
        })
    }
}

/// VMs as they were read before.
#[derive(Debug, Default)]
pub(crate) struct KnownVms {
    held: Mutex<HashMap<VmId, (Revision, Arc<VmView>)>>,
}

impl KnownVms {
    fn held(&self) -> MutexGuard<'_, HashMap<VmId, (Revision, Arc<VmView>)>> {
        // Whoever panicked left whole entries.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.held().clear();
    }

    /// What is held of these VMs in just these revisions.
    fn held_of(&self, wanted: &[(VmId, Revision)]) -> HashMap<VmId, Arc<VmView>> {
        let held = self.held();
        let of = |(id, revision): &(VmId, Revision)| {
            let (known, view) = held.get(id)?;
            (known == revision).then(|| (*id, Arc::clone(view)))
        };
        wanted.iter().filter_map(of).collect()
    }

    fn hold(&self, read: &[(Revision, Arc<VmView>)]) {
        let mut held = self.held();
        for (revision, view) in read {
            if held.len() < CAPACITY || held.contains_key(&view.vm.id) {
                held.insert(view.vm.id, (*revision, Arc::clone(view)));
            }
        }
    }

    /// Drops all but these: there are no others.
    fn keep_only(&self, all: &[(VmId, Revision)]) {
        let mut held = self.held();
        if held.len() > all.len() {
            let all: HashSet<VmId> = all.iter().map(|(id, _)| *id).collect();
            held.retain(|id, _| all.contains(id));
        }
    }
}

impl Reader {
    /// The VMs that a search selects, without their measurements; what is known already is not read again.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list_vms(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Arc<VmView>>> {
        let rows = search.fetch(REVISION, VIEW_FROM, scope, self.connection()).await?;
        let of = |row: &PgRow| Ok((VmId(row.try_get("id")?), Revision::of(row)?));
        let wanted: Vec<(VmId, Revision)> = rows.iter().map(of).collect::<Result<_>>()?;
        drop(rows);
        if search.selects_all() && scope.is_none() {
            self.known_vms.keep_only(&wanted);
        }
        let mut views = self.known_vms.held_of(&wanted);
        let missing: Vec<VmId> = wanted.iter().map(|(id, _)| *id).filter(|id| !views.contains_key(id)).collect();
        if !missing.is_empty() {
            let read = with_revisions(self.connection(), &missing).await?;
            self.known_vms.hold(&read);
            views.extend(read.into_iter().map(|(_, view)| (view.vm.id, view)));
        }
        // One that was removed between the two queries is not there any more.
        Ok(wanted.iter().filter_map(|(id, _)| views.remove(id)).collect())
    }
}

async fn with_revisions(connection: &mut PgConnection, ids: &[VmId]) -> Result<Vec<(Revision, Arc<VmView>)>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let sql = format!(
        "select {VIEW}, vm.xmin as vm_xmin, r.xmin as run_xmin, f.xmin as facts_xmin from {VIEW_FROM} where vm.id = any($1)"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((Revision::of(row)?, Arc::new(view(row, None)?)))).collect()
}

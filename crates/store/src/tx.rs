//! Transactions and readers: the two ways to the tables, and what a transaction carries to its commit.

use std::sync::Arc;

use ferrovirt_model::Millis;
use ferrovirt_model::event::{About, LogEntry, Severity};
use ferrovirt_model::ids::{ObjectKind, ObjectRef};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::vms::known::KnownVms;
use crate::{
    Result, clusters, data_centers, disks, events, hosts, jobs, lease, networks, options, outbox, overview, permissions,
};
use crate::{placements, restarts, sign_on, storage, tags, templates, transfers, users, vms};

macro_rules! areas {
    ($($(#[$doc:meta])* $method:ident => $module:ident :: $area:ident;)*) => {
        /// The table groups, each by its area.
        pub trait Areas {
            /// The connection under all areas.
            fn connection(&mut self) -> &mut PgConnection;

            $($(#[$doc])*
            fn $method(&mut self) -> $module::$area<'_> {
                $module::$area::new(self.connection())
            })*
        }

        $(impl<'c> $module::$area<'c> {
            pub(crate) fn new(connection: &'c mut PgConnection) -> Self {
                Self { connection }
            }
        })*
    };
}

areas! {
    /// Data centres.
    data_centers => data_centers::DataCenters;
    /// Clusters, their networks and CPU profiles.
    clusters => clusters::Clusters;
    /// Networks, vNIC profiles, MAC pools.
    networks => networks::Networks;
    /// Hosts, their facts, NICs and join tokens.
    hosts => hosts::Hosts;
    /// Storage domains and connections.
    storage => storage::Storage;
    /// Disks and volumes.
    disks => disks::Disks;
    /// Templates.
    templates => templates::Templates;
    /// VMs, runs, NICs, attachments.
    vms => vms::Vms;
    /// What the scheduler must know, and what it decided.
    placements => placements::Placements;
    /// Highly available VMs that wait to be started again.
    restarts => restarts::Restarts;
    /// Image transfers.
    transfers => transfers::Transfers;
    /// Users and groups.
    users => users::Users;
    /// Roles and grants.
    permissions => permissions::Permissions;
    /// Tokens and failed tries.
    sign_on => sign_on::SignOn;
    /// Tags.
    tags => tags::Tags;
    /// Options.
    options => options::Options;
    /// Jobs and steps.
    jobs => jobs::Jobs;
    /// The event log.
    events => events::Events;
    /// Change notices.
    outbox => outbox::Outbox;
    /// Figures.
    overview => overview::Overview;
    /// The engine's identity and the leader's lease.
    lease => lease::Lease;
}

/// A connection for reading.
#[derive(Debug)]
pub struct Reader {
    connection: PoolConnection<Postgres>,
    pub(crate) known_vms: Arc<KnownVms>,
}

impl Reader {
    pub(crate) fn new(connection: PoolConnection<Postgres>, known_vms: Arc<KnownVms>) -> Self {
        Self { connection, known_vms }
    }
}

impl Areas for Reader {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It is new.
    Created,
    /// It is different.
    Updated,
    /// It is gone.
    Removed,
}

impl Change {
    /// The name in rows and notices.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Removed => "removed",
        }
    }
}

/// An event to be logged when the transaction commits; the log gives it its number.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// oVirt's number of the event type.
    pub code: u32,
    /// How bad it is.
    pub severity: Severity,
    /// The sentence.
    pub message: String,
    /// When.
    pub at: Millis,
    /// Ties it to a request.
    pub correlation_id: String,
    /// `oVirt` or the outside program.
    pub origin: String,
    /// The outside program's number.
    pub custom_id: Option<i32>,
    /// Seconds in which the same is not said again.
    pub flood_rate: Option<i32>,
    /// The outside program's data.
    pub custom_data: Option<String>,
    /// What it is about.
    pub about: About,
}

/// A transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx {
    transaction: Transaction<'static, Postgres>,
    changes: Vec<(ObjectKind, String, Change)>,
    events: Vec<NewEvent>,
    measurements: bool,
}

impl Areas for Tx {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl Tx {
    pub(crate) fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self { transaction, changes: Vec::new(), events: Vec::new(), measurements: false }
    }

    pub(crate) fn of_measurements(transaction: Transaction<'static, Postgres>) -> Self {
        Self { measurements: true, ..Self::new(transaction) }
    }

    /// Notes that an object changed; readers of the event stream hear of it after the commit.
    pub fn changed(&mut self, object: impl Into<ObjectRef>, change: Change) {
        let object = object.into();
        let entry = (object.kind, object.id.to_string(), change);
        if !self.changes.contains(&entry) {
            self.changes.push(entry);
        }
    }

    /// What was noted so far: kind, id and what happened.
    #[must_use]
    pub fn noted(&self) -> &[(ObjectKind, String, Change)] {
        &self.changes
    }

    /// Notes an entry for the event log.
    pub fn log(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Commits everything: rows, events and notices together. Returns the logged entries with their numbers.
    ///
    /// Numbers are given under one row lock held until the commit, so nobody ever sees a number before a smaller one.
    ///
    /// # Errors
    /// Any [`crate::StoreError`]; nothing has changed then.
    pub async fn commit(mut self) -> Result<Vec<LogEntry>> {
        let events = std::mem::take(&mut self.events);
        let mut changes = std::mem::take(&mut self.changes);
        let logged = self.events().append(events).await?;
        changes.extend(logged.iter().map(|entry| (ObjectKind::Event, entry.id.to_string(), Change::Created)));
        if !changes.is_empty() {
            if self.measurements {
                // More than measurements after all.
                sqlx::query("set local synchronous_commit = on").execute(self.connection()).await?;
            }
            self.outbox().append(&changes).await?;
        }
        self.transaction.commit().await?;
        Ok(logged)
    }

    /// Gives everything up.
    ///
    /// # Errors
    /// [`crate::StoreError::Away`] when even that can't be said; the server gives up by itself then.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }
}

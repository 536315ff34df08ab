//! How many of each kind there are: the figures of the entry page and the dashboard, in one statement.

use sqlx::{PgConnection, Row};

use crate::Result;

/// Figures.
#[derive(Debug)]
pub struct Overview<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// How many of a kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Up, running or active.
    pub active: i64,
    /// All.
    pub total: i64,
}

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Hosts that are up.
    pub hosts: Count,
    /// Storage domains that are active.
    pub storage_domains: Count,
    /// Users that are signed on.
    pub users: Count,
    /// VMs that run.
    pub vms: Count,
}

impl Overview<'_> {
    /// Counts. `now` says which sessions are idle for too long, ms.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn summary(&mut self, now: i64) -> Result<Summary> {
        let row = sqlx::query(
            "select (select count(*) from host) as hosts,
                    (select count(*) from host where intent = 'active' and link = 'connected' and problem is null)
                        as hosts_active,
                    (select count(*) from storage_domain) as domains,
                    (select count(*) from storage_domain where intent = 'active' and ready) as domains_active,
                    (select count(*) from app_user) as users,
                    (select count(distinct user_id) from sign_on where used_at + idle_seconds * 1000 > $1) as users_active,
                    (select count(*) from vm) as vms,
                    (select count(*) from vm_run where owner) as vms_active",
        )
        .bind(now)
        .fetch_one(&mut *self.connection)
        .await?;
        let count = |kind: &str| -> Result<Count> {
            Ok(Count { active: row.try_get(format!("{kind}_active").as_str())?, total: row.try_get(kind)? })
        };
        Ok(Summary {
            hosts: count("hosts")?,
            storage_domains: count("domains")?,
            users: count("users")?,
            vms: count("vms")?,
        })
    }
}

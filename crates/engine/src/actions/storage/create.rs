//! Make a storage domain.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{Host, lifecycle};
use ferrovirt_model::ids::{DiskProfileId, HostId, JobId, ObjectRef, StorageConnectionId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{DomainClass, StorageConnection, StorageDomain, StorageKind};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::storage::DiskProfile;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;
use crate::jobs::create_storage_domain::CreateStorageDomain;

/// Percent of free space under which a new domain warns.
const WARNING_PERCENT: u32 = 10;
/// GiB of free space that a new domain keeps.
const CRITICAL_GIB: u32 = 5;

/// Make a storage domain on empty storage.
#[derive(Clone, Debug)]
pub struct Create {
    /// The id, where the client chose one.
    pub id: Option<StorageDomainId>,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// What it may hold.
    pub class: DomainClass,
    /// How it is reached; its id is given here.
    pub connection: StorageConnection,
    /// Which host makes it.
    pub host: Named<HostId>,
    /// Overwrite removed disks.
    pub wipe_after_delete: bool,
    /// Give removed space back.
    pub discard_after_delete: bool,
    /// Its disks can't be run.
    pub backup: bool,
    /// Percent of free space under which it warns.
    pub warning_low_space_percent: Option<u32>,
    /// GiB of free space under which it refuses.
    pub critical_space_gib: Option<u32>,
    /// 512 or 4096 bytes; 0 leaves it to the host.
    pub block_size: u32,
}

#[async_trait]
impl Action for Create {
    type Output = StorageDomainId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<StorageDomainId> {
        cx.require(Permit::CreateStorageDomain, ObjectRef::SYSTEM).await?;
        names::check(NameKind::StorageDomain, "StorageDomain", &self.name)?;
        check_connection(&self.connection)?;
        let host = host(cx, &self.host).await?;
        self.check_free(cx).await?;
        let job = JobId(Uuid::new_v4());
        let domain = self.domain(job);
        cx.tx.storage().insert_connection(&domain.connection).await?;
        let taken = |error| name_taken(error, "Storage Domain", &self.name);
        cx.tx.storage().insert(&domain).await.map_err(taken)?;
        if domain.class == DomainClass::Data {
            let id = DiskProfileId(Uuid::new_v4());
            let profile = DiskProfile { id, name: self.name.clone(), description: String::new(), domain: domain.id };
            cx.tx.storage().insert_disk_profile(&profile).await?;
        }
        let work = CreateStorageDomain { domain: domain.id, host: host.id, block_size: self.block_size };
        cx.begin_as(job, &work, format!("Adding storage domain {}", self.name), vec![domain.id.into()]).await?;
        cx.tx.changed(domain.id, Change::Created);
        cx.job_tells();
        Ok(domain.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_STORAGE_DOMAIN_FAILED.draft().with("StorageDomainName", &self.name))
    }
}

impl Create {
    async fn check_free(&self, cx: &mut ActionContext<'_>) -> Result<()> {
        if let Some(id) = self.id
            && !cx.tx.storage().get(&[id]).await?.is_empty()
        {
            return Err(Refusal::IdTaken { kind: "Storage Domain", id: id.to_string() }.into());
        }
        if cx.tx.storage().id_by_name(&self.name).await?.is_some() {
            return Err(Refusal::NameTaken { kind: "Storage Domain", name: self.name.clone() }.into());
        }
        // The same path of two hosts is two places.
        if self.connection.kind != StorageKind::LocalFs
            && let Some(other) = cx.tx.storage().domain_at(&self.connection).await?
        {
            let sentence = format!("Storage domain '{other}' already stands on this storage.");
            return Err(Refusal::rule(sentence).into());
        }
        Ok(())
    }

    fn domain(&self, job: JobId) -> StorageDomain {
        StorageDomain {
            id: self.id.unwrap_or_else(|| StorageDomainId(Uuid::new_v4())),
            name: self.name.clone(),
            description: self.description.clone(),
            comment: self.comment.clone(),
            class: self.class,
            connection: StorageConnection { id: StorageConnectionId(Uuid::new_v4()), ..self.connection.clone() },
            format: "v5".to_owned(),
            wipe_after_delete: self.wipe_after_delete,
            discard_after_delete: self.discard_after_delete,
            backup: self.backup,
            warning_low_space_percent: self.warning_low_space_percent.unwrap_or(WARNING_PERCENT),
            critical_space_gib: self.critical_space_gib.unwrap_or(CRITICAL_GIB),
            attachment: None,
            lock: Some(job),
            available: None,
            used: None,
            committed: 0,
        }
    }
}

/// The host that a request names; it must be up.
pub(super) async fn host(cx: &mut ActionContext<'_>, named: &Named<HostId>) -> Result<Host> {
    let found = match named {
        Named::Id(id) => cx.tx.hosts().get(*id).await?,
        Named::Name(name) => cx.tx.hosts().all().await?.into_iter().find(|host| host.name == *name),
    };
    let host = found.ok_or_else(|| Refusal::no_such("Host", named.text()))?;
    lifecycle::may(&host, lifecycle::Ask::Use)?;
    Ok(host)
}

fn check_connection(connection: &StorageConnection) -> Result<()> {
    let path = &connection.path;
    let missing = |field| Refusal::Missing { entity: "StorageDomain", field };
    if path.is_empty() {
        return Err(missing("storage.path").into());
    }
    match connection.kind {
        StorageKind::Nfs if connection.address.is_empty() => return Err(missing("storage.address").into()),
        StorageKind::PosixFs if connection.vfs_type.is_empty() => return Err(missing("storage.vfs_type").into()),
        StorageKind::LocalFs | StorageKind::Nfs if !path.starts_with('/') => {
            return Err(Refusal::bad_value("storage.path", path, "it must be absolute").into());
        }
        _ => {}
    }
    if [path, &connection.address, &connection.vfs_type, &connection.mount_options]
        .iter()
        .any(|text| text.chars().any(char::is_control))
    {
        return Err(Refusal::bad_value("storage", path, "control characters can't be used").into());
    }
    Ok(())
}

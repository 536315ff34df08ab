//! Which status of a storage domain users see, and what may be asked of domains and disks when.
//!
//! ```text
//!  create ─▶ Locked ─▶ Unattached ─attach─▶ Locked ─▶ Active ◀──▶ Inactive (no host reaches it)
//!                          ▲                            │ ▲
//!                          └─detach── Maintenance ◀─deactivate │ activate
//! ```

use super::{Disk, DiskState, DomainIntent, DomainStatus, StorageDomain};
use crate::refusal::Refusal;

/// What a user may ask of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Attach it to a data centre.
    Attach,
    /// Use it.
    Activate,
    /// Set it aside.
    Deactivate,
    /// Take it out of its data centre.
    Detach,
    /// Change its settings.
    Update,
    /// Remove it.
    Remove,
    /// Make, change or read disks on it.
    Use,
}

/// The status that users see. `host_up`: some host of the data centre is up to look.
#[must_use]
pub fn status(domain: &StorageDomain, host_up: bool) -> DomainStatus {
    if domain.lock.is_some() && domain.attachment.is_none() {
        return DomainStatus::Locked;
    }
    let Some(attachment) = &domain.attachment else {
        return DomainStatus::Unattached;
    };
    match attachment.intent {
        DomainIntent::Attaching => DomainStatus::Locked,
        DomainIntent::Activating => DomainStatus::Activating,
        DomainIntent::PreparingForMaintenance => DomainStatus::PreparingForMaintenance,
        DomainIntent::Maintenance => DomainStatus::Maintenance,
        DomainIntent::Detaching => DomainStatus::Detaching,
        DomainIntent::Active if attachment.ready => DomainStatus::Active,
        DomainIntent::Active if host_up => DomainStatus::Inactive,
        DomainIntent::Active => DomainStatus::Unknown,
    }
}

/// Whether `ask` is allowed now.
///
/// # Errors
/// [`Refusal::Locked`] while a job holds the domain, else [`Refusal::WrongState`] with what would have to be so.
pub fn may(domain: &StorageDomain, host_up: bool, ask: Ask) -> Result<(), Refusal> {
    use DomainStatus::{Active, Inactive, Maintenance, Unattached, Unknown};
    if domain.lock.is_some() {
        return Err(Refusal::Locked { what: "Storage Domain", name: domain.name.clone() });
    }
    let status = status(domain, host_up);
    let (allowed, need) = match ask {
        Ask::Attach => (status == Unattached, "the domain must be unattached to be attached"),
        Ask::Activate => {
            (matches!(status, Maintenance | Inactive | Unknown), "the domain must be in maintenance or inactive")
        }
        Ask::Deactivate => (matches!(status, Active | Inactive | Unknown), "the domain must be active"),
        Ask::Detach => (status == Maintenance, "the domain must be in maintenance to be detached"),
        Ask::Update => (true, ""),
        Ask::Remove => (status == Unattached, "the domain must be detached to be removed"),
        Ask::Use => (status == Active, "the domain must be active"),
    };
    if allowed {
        return Ok(());
    }
    let status = match status {
        Maintenance => "in maintenance".to_owned(),
        other => other.as_str().replace('_', " "),
    };
    Err(Refusal::WrongState { what: "Storage Domain", name: domain.name.clone(), status, need })
}

/// Whether a disk may be changed, copied or removed now.
///
/// # Errors
/// [`Refusal::Locked`] while a job holds it; [`Refusal::WrongState`] when it is illegal and `need_legal`.
pub fn may_touch(disk: &Disk, need_legal: bool) -> Result<(), Refusal> {
    if disk.lock.is_some() || disk.state == DiskState::Locked {
        return Err(Refusal::Locked { what: "Disk", name: disk.alias.clone() });
    }
    if need_legal && disk.state == DiskState::Illegal {
        let need = "an illegal disk can only be removed";
        return Err(Refusal::WrongState { what: "Disk", name: disk.alias.clone(), status: "illegal".to_owned(), need });
    }
    Ok(())
}

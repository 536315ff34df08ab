//! Which status of a host users see, and what may be asked of it when.
//!
//! ```text
//!  join ─▶ PendingApproval ─approve─┐
//!  add ──▶ Installing ───join───────┤
//!                                   ▼
//!        Unassigned ─▶ Initializing ─▶ Up ◀──▶ NonOperational
//!                                      │ ▲
//!             lost, within grace       │ │ heard again
//!                                      ▼ │
//!                              Connecting ─▶ NonResponsive
//!
//!        Up ─deactivate─▶ PreparingForMaintenance ─VMs gone─▶ Maintenance ─activate─▶ Unassigned …
//! ```

use super::{Host, HostIntent, HostLink, HostStatus};
use crate::refusal::Refusal;

/// What a user may ask of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Let it run VMs.
    Activate,
    /// Empty it and set it aside.
    Deactivate,
    /// Approve a host that joined by itself.
    Approve,
    /// Change how it is reached.
    Update,
    /// Remove it.
    Remove,
    /// Do work on it.
    Use,
}

/// The status that users see.
#[must_use]
pub fn status(host: &Host) -> HostStatus {
    match host.intent {
        HostIntent::PendingApproval => HostStatus::PendingApproval,
        HostIntent::Installing => HostStatus::Installing,
        HostIntent::InstallFailed => HostStatus::InstallFailed,
        HostIntent::Maintenance => HostStatus::Maintenance,
        HostIntent::PreparingForMaintenance => match host.link {
            HostLink::NonResponsive => HostStatus::NonResponsive,
            _ => HostStatus::PreparingForMaintenance,
        },
        HostIntent::Active => match host.link {
            HostLink::Unassigned => HostStatus::Unassigned,
            HostLink::Initializing => HostStatus::Initializing,
            HostLink::Connecting => HostStatus::Connecting,
            HostLink::NonResponsive => HostStatus::NonResponsive,
            HostLink::Connected if host.problem.is_some() => HostStatus::NonOperational,
            HostLink::Connected => HostStatus::Up,
        },
    }
}

/// Whether `ask` is allowed now.
///
/// # Errors
/// [`Refusal::WrongState`] with what would have to be so.
pub fn may(host: &Host, ask: Ask) -> Result<(), Refusal> {
    use HostStatus::{
        InstallFailed, Installing, Maintenance, NonOperational, NonResponsive, PendingApproval,
        PreparingForMaintenance, Up,
    };
    let status = status(host);
    let (allowed, need) = match ask {
        Ask::Activate => (
            matches!(status, Maintenance | PreparingForMaintenance | NonOperational | InstallFailed) && host.enrolled,
            "the host must have joined and be in maintenance or not operational to be activated",
        ),
        Ask::Deactivate => (
            !matches!(status, Maintenance | PreparingForMaintenance | PendingApproval | Installing),
            "the host must be in use to be moved to maintenance",
        ),
        Ask::Approve => {
            (matches!(status, PendingApproval | InstallFailed), "only a host that waits for approval can be approved")
        }
        Ask::Update => (true, ""),
        Ask::Remove => (
            matches!(status, Maintenance | InstallFailed | PendingApproval | Installing | NonResponsive),
            "the host must be in maintenance to be removed",
        ),
        Ask::Use => (status == Up, "the host must be up"),
    };
    if allowed {
        return Ok(());
    }
    let status = status.as_str().replace('_', " ");
    Err(Refusal::WrongState { what: "Host", name: host.name.clone(), status, need })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ClusterId, HostId};

    fn host(intent: HostIntent, link: HostLink, problem: Option<&str>) -> Host {
        Host {
            id: HostId(Uuid::from_u128(1)),
            name: "h1".to_owned(),
            cluster: ClusterId(Uuid::from_u128(2)),
            address: "h1".to_owned(),
            port: 54321,
            description: String::new(),
            comment: String::new(),
            intent,
            link,
            problem: problem.map(str::to_owned),
            maintenance_reason: None,
            hardware_id: String::new(),
            enrolled: true,
            certificate_expires_at: None,
            seen_at: None,
            boot_id: String::new(),
            created_at: 0,
            spm_priority: 5,
        }
    }

    #[test]
    fn status_table() {
        let of = |intent, link, problem| status(&host(intent, link, problem));
        assert_eq!(of(HostIntent::Active, HostLink::Connected, None), HostStatus::Up);
        assert_eq!(of(HostIntent::Active, HostLink::Connected, Some("no network")), HostStatus::NonOperational);
        assert_eq!(of(HostIntent::Active, HostLink::NonResponsive, None), HostStatus::NonResponsive);
        assert_eq!(of(HostIntent::Maintenance, HostLink::NonResponsive, None), HostStatus::Maintenance);
        assert_eq!(of(HostIntent::PreparingForMaintenance, HostLink::NonResponsive, None), HostStatus::NonResponsive);
    }

    #[test]
    fn a_host_in_use_is_not_removed() {
        assert!(may(&host(HostIntent::Active, HostLink::Connected, None), Ask::Remove).is_err());
        assert!(may(&host(HostIntent::Maintenance, HostLink::Connected, None), Ask::Remove).is_ok());
    }
}

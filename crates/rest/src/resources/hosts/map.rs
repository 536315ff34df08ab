//! A host as a document, and back.

use ferrovirt_engine::actions::host::Wish;
use ferrovirt_engine::reading::hosts::HostView;
use ferrovirt_model::host::{Host, HostFacts, HostStatus, lifecycle};
use ferrovirt_wire::types;

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::unserved::{any, on, other, refuse, text};
use crate::resources::shared::{decorate, filled, number, read_reference};

pub(super) fn to_wire(hrefs: &Hrefs, from: &HostView) -> types::Host {
    let host = &from.host;
    let status = lifecycle::status(host);
    let mut one = types::Host {
        name: Some(host.name.clone()),
        description: Some(host.description.clone()),
        comment: Some(host.comment.clone()),
        address: Some(host.address.clone()),
        auto_numa_status: Some(types::AutoNumaStatus::Unknown),
        certificate: host.enrolled.then(|| Box::new(certificate(host))),
        device_passthrough: Some(types::HostDevicePassthrough { enabled: Some(false) }),
        external_status: Some(types::ExternalStatus::Ok),
        kdump_status: Some(types::KdumpStatus::Unknown),
        network_operation_in_progress: Some(false),
        numa_supported: Some(from.facts.as_ref().is_some_and(|facts| facts.numa_nodes.len() > 1)),
        ovn_configured: Some(false),
        port: number(host.port),
        power_management: Some(types::PowerManagement {
            automatic_pm_enabled: Some(true),
            enabled: Some(false),
            kdump_detection: Some(true),
            ..Default::default()
        }),
        protocol: Some(types::HostProtocol::Stomp),
        reinstallation_required: Some(false),
        spm: Some(types::Spm { priority: number(host.spm_priority), status: Some(types::SpmStatus::None) }),
        ssh: Some(Box::new(types::Ssh { port: Some(22), ..Default::default() })),
        status: Some(status_word(status)),
        status_detail: detail(host, status),
        summary: Some(summary(from)),
        r#type: Some(types::HostType::Rhel),
        update_available: Some(false),
        vgpu_placement: Some(types::VgpuPlacement::Consolidated),
        cluster: Some(Box::new(reference(hrefs.of("clusters", host.cluster), host.cluster))),
        ..Default::default()
    };
    if let Some(facts) = &from.facts {
        lay_facts(&mut one, host, facts, from.statistics.as_ref().map(|statistics| statistics.memory_free));
    }
    decorate("HostService", &hrefs.of("hosts", host.id), host.id, &mut one);
    one
}

fn status_word(status: HostStatus) -> types::HostStatus {
    match status {
        HostStatus::PendingApproval => types::HostStatus::PendingApproval,
        HostStatus::Installing => types::HostStatus::Installing,
        HostStatus::InstallFailed => types::HostStatus::InstallFailed,
        HostStatus::Unassigned => types::HostStatus::Unassigned,
        HostStatus::Initializing => types::HostStatus::Initializing,
        HostStatus::Up => types::HostStatus::Up,
        HostStatus::Connecting => types::HostStatus::Connecting,
        HostStatus::NonResponsive => types::HostStatus::NonResponsive,
        HostStatus::NonOperational => types::HostStatus::NonOperational,
        HostStatus::PreparingForMaintenance => types::HostStatus::PreparingForMaintenance,
        HostStatus::Maintenance => types::HostStatus::Maintenance,
    }
}

/// Why the status is what it is, where someone said so.
fn detail(host: &Host, status: HostStatus) -> Option<String> {
    match status {
        HostStatus::NonOperational => host.problem.clone(),
        HostStatus::Maintenance | HostStatus::PreparingForMaintenance | HostStatus::InstallFailed => {
            host.maintenance_reason.clone()
        }
        _ => None,
    }
}

fn summary(from: &HostView) -> types::VmSummary {
    types::VmSummary {
        active: number(from.active_vms),
        migrating: number(from.migrating_vms),
        total: number(from.active_vms),
    }
}

fn certificate(host: &Host) -> types::Certificate {
    types::Certificate { subject: Some(format!("CN={}", host.id)), ..Default::default() }
}

fn lay_facts(one: &mut types::Host, host: &Host, facts: &HostFacts, memory_free: Option<u64>) {
    one.cpu = Some(types::Cpu {
        name: filled(&facts.cpu_model),
        speed: Some(facts.cpu_mhz),
        topology: Some(types::CpuTopology {
            cores: number(facts.cpu_cores),
            sockets: number(facts.cpu_sockets),
            threads: number(facts.cpu_threads),
        }),
        ..Default::default()
    });
    one.hardware_information = Some(types::HardwareInformation {
        family: filled(&facts.hardware_family),
        manufacturer: filled(&facts.hardware_vendor),
        product_name: filled(&facts.hardware_product),
        serial_number: filled(&facts.hardware_serial),
        supported_rng_sources: Some(types::SupportedRngSources {
            supported_rng_source: vec![types::RngSource::Random, types::RngSource::Urandom],
        }),
        uuid: filled(&host.hardware_id),
        version: filled(&facts.hardware_version),
    });
    one.iscsi = Some(types::IscsiDetails { initiator: filled(&facts.iscsi_initiator), ..Default::default() });
    one.libvirt_version = version(&facts.libvirt_version).map(Box::new);
    one.max_scheduling_memory = number(memory_free.unwrap_or(facts.memory));
    one.memory = number(facts.memory);
    one.os = Some(types::OperatingSystem {
        custom_kernel_cmdline: Some(String::new()),
        r#type: filled(&facts.os_name),
        version: version(&facts.os_version).map(Box::new),
        ..Default::default()
    });
    one.se_linux = facts.selinux_enforcing.then_some(types::SeLinux { mode: Some(types::SeLinuxMode::Enforcing) });
    one.version = version(&facts.agent_version).map(Box::new);
}

/// A version from its text: numbers as far as there are some, and the text itself.
fn version(text: &str) -> Option<types::Version> {
    let full_version = filled(text)?;
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).map(|part| part.parse::<i64>().ok());
    let mut next = || numbers.next().flatten();
    Some(types::Version {
        major: next(),
        minor: next(),
        build: next(),
        revision: next(),
        full_version: Some(full_version),
        ..Default::default()
    })
}

/// What hosts ask for and nothing here does. Hosts join by a token, so nobody comes by SSH: how they would is not asked for.
fn unserved(body: &types::Host) -> Result<(), Fault> {
    let power = body.power_management.as_ref();
    let automatic = power.and_then(|power| power.automatic_pm_enabled);
    let ssh = body.ssh.as_deref();
    let kernel = body.os.as_ref().and_then(|os| os.custom_kernel_cmdline.as_ref());
    let passthrough = body.device_passthrough.as_ref().and_then(|one| one.enabled);
    let console = body.display.as_ref().and_then(|display| display.address.as_ref());
    let provider = body.external_host_provider.as_deref();
    let asked = [
        ("power_management", on(power.and_then(|power| power.enabled))),
        ("power_management.agents", any(power.and_then(|power| power.agents.as_ref()))),
        ("power_management.automatic_pm_enabled", other(automatic.as_ref(), &true)),
        ("ssh.port", other(ssh.and_then(|ssh| ssh.port.as_ref()), &22)),
        ("ssh.fingerprint", text(ssh.and_then(|ssh| ssh.fingerprint.as_ref()))),
        ("ssh.public_key", text(ssh.and_then(|ssh| ssh.public_key.as_ref()))),
        ("os.custom_kernel_cmdline", text(kernel)),
        ("device_passthrough", on(passthrough)),
        ("vgpu_placement", other(body.vgpu_placement.as_ref(), &types::VgpuPlacement::Consolidated)),
        ("display.address", text(console)),
        ("external_host_provider", provider.is_some_and(|provider| text(provider.id.as_ref()))),
    ];
    refuse("host", &asked)
}

pub(super) fn from_wire(body: &types::Host) -> Result<Wish, Fault> {
    unserved(body)?;
    let cluster = body.cluster.as_deref();
    let port = match body.port {
        Some(port) => {
            let known = u16::try_from(port).ok().filter(|port| *port > 0);
            Some(known.ok_or_else(|| Fault::bad_parameter("port", &port.to_string(), "a TCP port"))?)
        }
        None => None,
    };
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        address: body.address.clone(),
        port,
        cluster: read_reference(
            "Cluster",
            cluster.and_then(|one| one.id.as_deref()),
            cluster.and_then(|one| one.name.as_deref()),
        )?,
        spm_priority: body.spm.as_ref().and_then(|spm| spm.priority),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_far_as_they_are_numbers() {
        let read = version("9.0.0-4+deb12u2").unwrap();
        assert_eq!((read.major, read.minor, read.build, read.revision), (Some(9), Some(0), Some(0), Some(4)));
        let odd = version("bookworm").unwrap();
        assert_eq!((odd.major, odd.full_version.as_deref()), (None, Some("bookworm")));
        assert_eq!(version(""), None);
    }
}

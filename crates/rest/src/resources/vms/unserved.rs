//! What a document of a VM asks for and no VM here does.

use ferrovirt_wire::types;

use crate::api::fault::Fault;
use crate::api::unserved::{Asked, any, on, other, refuse, text};

/// Refuses a document whose elements nobody here acts upon.
pub(super) fn vm(body: &types::Vm) -> Result<(), Fault> {
    refuse("vm", &policies(body))?;
    refuse("vm", &hardware(body))
}

fn policies(body: &types::Vm) -> [Asked<'static>; 12] {
    let automatic = body.auto_pinning_policy.as_ref();
    let pinning = [types::CpuPinningPolicy::None, types::CpuPinningPolicy::Manual];
    let provider = body.external_host_provider.as_deref();
    [
        ("stateless", on(body.stateless)),
        ("lease", body.lease.as_ref().is_some_and(|lease| lease.storage_domain.is_some())),
        ("quota", body.quota.as_deref().is_some_and(|quota| text(quota.id.as_ref()))),
        ("use_latest_template_version", on(body.use_latest_template_version)),
        ("auto_pinning_policy", other(automatic, &types::AutoPinningPolicy::Disabled)),
        ("cpu_pinning_policy", body.cpu_pinning_policy.is_some_and(|policy| !pinning.contains(&policy))),
        ("migration_downtime", other(body.migration_downtime.as_ref(), &-1)),
        ("tunnel_migration", on(body.tunnel_migration)),
        ("affinity_labels", any(body.affinity_labels.as_ref())),
        ("external_host_provider", provider.is_some_and(|provider| text(provider.id.as_ref()))),
        ("small_icon", icon(body.small_icon.as_deref())),
        ("large_icon", icon(body.large_icon.as_deref())),
    ]
}

fn hardware(body: &types::Vm) -> [Asked<'static>; 10] {
    // Without NUMA nodes of the guest this is what happens anyway, and guests have none.
    let interleaved = types::NumaTuneMode::Interleave;
    let rate = body.rng_device.as_ref().and_then(|device| device.rate.as_ref());
    [
        ("payloads", any(body.payloads.as_ref())),
        ("floppies", any(body.floppies.as_ref())),
        ("watchdogs", any(body.watchdogs.as_ref())),
        ("host_devices", any(body.host_devices.as_ref())),
        ("mediated_devices", any(body.mediated_devices.as_ref())),
        ("host_numa_nodes", any(body.host_numa_nodes.as_ref())),
        ("numa_tune_mode", other(body.numa_tune_mode.as_ref(), &interleaved)),
        ("virtio_scsi_multi_queues", body.virtio_scsi_multi_queues.is_some_and(|queues| queues > 0)),
        ("virtio_scsi_multi_queues_enabled", on(body.virtio_scsi_multi_queues_enabled)),
        ("rng_device.rate", rate.and_then(|rate| rate.bytes).is_some_and(|bytes| bytes > 0)),
    ]
}

fn icon(icon: Option<&types::Icon>) -> bool {
    icon.is_some_and(|icon| text(icon.id.as_ref()) || text(icon.data.as_ref()))
}

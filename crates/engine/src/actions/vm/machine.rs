//! A VM's machine: what the scheduler and a host must know of it, read from the store.

use std::collections::{BTreeSet, HashMap};

use ferrovirt_hostapi::VmSpec;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::host::{HostStatus, lifecycle};
use ferrovirt_model::ids::{DataCenterId, DiskId, HostId, NetworkId, VmId};
use ferrovirt_model::network::{Network, VnicProfile};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{self, Disk};
use ferrovirt_model::vm::lifecycle as vm_lifecycle;
use ferrovirt_model::vm::{DiskAttachment, DiskInterface, Vm, VmRun};
use ferrovirt_plan::platform::{self, DiskDevice, Machine, NicDevice};
use ferrovirt_store::Areas;

use crate::failure::{Result, Trouble};
use crate::hosts::reach;

/// A machine that a host can be told.
#[derive(Clone, Debug)]
pub struct Built {
    /// What the host is told.
    pub spec: VmSpec,
    /// The data centre of its storage.
    pub data_center: DataCenterId,
}

struct Parts {
    vm: Vm,
    cluster: Cluster,
    disks: Vec<DiskDevice>,
    nics: Vec<NicDevice>,
}

async fn parts(areas: &mut impl Areas, id: VmId) -> Result<Parts> {
    let view = areas.vms().view(id).await?.ok_or_else(|| Refusal::no_such("VM", id))?;
    let vm = view.vm;
    let cluster =
        areas.clusters().get(&[vm.cluster]).await?.pop().ok_or_else(|| Refusal::no_such("Cluster", vm.cluster))?;
    let disks = disks(areas, id).await?;
    let nics = nics(areas, id).await?;
    Ok(Parts { vm, cluster, disks, nics })
}

/// The disks of a VM with what a host must know to reach them.
///
/// # Errors
/// Trouble with the store.
pub async fn disks(areas: &mut impl Areas, id: VmId) -> Result<Vec<DiskDevice>> {
    let attachments = areas.vms().attachments(&[id]).await?;
    let ids: Vec<DiskId> = attachments.iter().map(|attachment| attachment.disk).collect();
    let disks: HashMap<DiskId, Disk> = areas.disks().get(&ids).await?.into_iter().map(|disk| (disk.id, disk)).collect();
    let domains: BTreeSet<_> =
        disks.values().filter_map(|disk| disk.volume.as_ref()).map(|volume| volume.domain).collect();
    let domains: Vec<_> = domains.into_iter().collect();
    let domains = areas.storage().get(&domains).await?;
    let mut devices = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let Some(disk) = disks.get(&attachment.disk).cloned() else { continue };
        let domain = disk.volume.as_ref().and_then(|volume| domains.iter().find(|domain| domain.id == volume.domain));
        let domain = domain.ok_or_else(|| Trouble::Broken(format!("disk {} has no storage domain", disk.id)))?;
        devices.push(DiskDevice { attachment, disk, connection: domain.connection.clone() });
    }
    Ok(devices)
}

/// The NICs of a VM with what they join.
///
/// # Errors
/// Trouble with the store.
pub async fn nics(areas: &mut impl Areas, id: VmId) -> Result<Vec<NicDevice>> {
    let nics = areas.vms().nics(&[id.0]).await?;
    let profiles: Vec<_> = nics.iter().filter_map(|(_, nic)| nic.profile).collect();
    let profiles: HashMap<_, VnicProfile> =
        areas.networks().profiles(&profiles).await?.into_iter().map(|profile| (profile.id, profile)).collect();
    let networks: Vec<NetworkId> = profiles.values().map(|profile| profile.network).collect();
    let networks: HashMap<NetworkId, Network> =
        areas.networks().get(&networks).await?.into_iter().map(|network| (network.id, network)).collect();
    Ok(nics
        .into_iter()
        .map(|(_, nic)| {
            let profile = nic.profile.and_then(|id| profiles.get(&id)).cloned();
            let network = profile.as_ref().and_then(|profile| networks.get(&profile.network)).cloned();
            NicDevice { nic, profile, network }
        })
        .collect())
}

/// A CD as a device of a VM, which it is while it lies in the drive.
///
/// # Errors
/// A refusal where it is gone or being worked on; trouble with the store.
pub async fn cd(areas: &mut impl Areas, vm: VmId, id: DiskId) -> Result<DiskDevice> {
    let Some(disk) = areas.disks().get(&[id]).await?.pop() else {
        let sentence = "The CD in the drive of the VM exists no more: eject it, or insert another one.";
        return Err(Refusal::rule(sentence).into());
    };
    storage::lifecycle::may_touch(&disk, true)?;
    let domain = reach::place(areas, &disk).await?.domain;
    let attachment = DiskAttachment {
        vm,
        disk: id,
        interface: DiskInterface::Sata,
        bootable: false,
        active: true,
        read_only: true,
        pass_discard: false,
    };
    Ok(DiskDevice { attachment, disk, connection: domain.connection })
}

/// What a host is told of a VM for one run, which stands in its row with its particulars.
///
/// # Errors
/// A refusal where the VM can't be described; trouble with the store.
pub async fn build(areas: &mut impl Areas, id: VmId, host: HostId, generation: u64) -> Result<Built> {
    let mut parts = parts(areas, id).await?;
    let particulars = areas.vms().particulars(id, generation).await?;
    if let Some(once) = particulars.definition {
        parts.vm.definition = *once;
    }
    let cdrom = match particulars.cdrom {
        Some(disk) => Some(cd(areas, id, disk).await?),
        None => None,
    };
    let host = areas.hosts().views(&[host]).await?.pop().ok_or_else(|| Refusal::no_such("Host", host))?;
    let facts = host.facts.unwrap_or_default();
    for device in &parts.disks {
        storage::lifecycle::may_touch(&device.disk, true)?;
    }
    let machine = Machine {
        vm: &parts.vm,
        cluster: &parts.cluster,
        data_center: parts.cluster.data_center,
        host: &facts,
        host_hardware_id: &host.host.hardware_id,
        generation,
        disks: &parts.disks,
        nics: &parts.nics,
        cdrom: cdrom.as_ref(),
        display_address: &host.host.address,
        first_boot: particulars.first_boot,
    };
    let spec = platform::platform(&machine).map_err(|incomplete| Refusal::rule(incomplete.to_string()))?;
    Ok(Built { spec, data_center: parts.cluster.data_center })
}

/// Refuses where a run of the VM is left that may execute its guest, whoever owns the VM.
///
/// # Errors
/// [`Refusal::Busy`] with the host that has to answer, or trouble with the store.
pub async fn runs_nowhere(areas: &mut impl Areas, id: VmId) -> Result<()> {
    let runs = areas.vms().runs(id).await?;
    match runs.iter().find(|run| vm_lifecycle::may_execute(run)) {
        Some(run) => Err(may_run(areas, run).await?.into()),
        None => Ok(()),
    }
}

/// That a VM may run on a host.
///
/// # Errors
/// Trouble with the store.
pub async fn may_run(areas: &mut impl Areas, run: &VmRun) -> Result<Refusal> {
    let vm = areas.vms().view(run.vm).await?.map(|view| view.vm.name).unwrap_or_default();
    let host = areas.hosts().get(run.host).await?.map(|host| host.name).unwrap_or_default();
    let sentence = format!(
        "VM '{vm}' may still run on host {host}. Wait until that host says that it does not; where the host is lost, \
         confirm that it has been rebooted."
    );
    Ok(Refusal::Busy { sentence })
}

/// Whether a host of the VM's cluster is on its way up: where no host fits now, one may in a moment. An engine that has
/// just begun to lead has not heard of every host yet.
///
/// # Errors
/// Trouble with the store.
pub async fn settling(areas: &mut impl Areas, id: VmId) -> Result<bool> {
    let Some(view) = areas.vms().view(id).await? else { return Ok(false) };
    let hosts = areas.hosts().of_clusters(&[view.vm.cluster]).await?;
    let on_the_way = [HostStatus::Unassigned, HostStatus::Initializing, HostStatus::Connecting];
    Ok(hosts.iter().any(|host| on_the_way.contains(&lifecycle::status(host))))
}

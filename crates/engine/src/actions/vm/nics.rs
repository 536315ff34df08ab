//! The NICs of a VM: add, change, plug, remove.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, EventSentence, sentences};
use ferrovirt_model::ids::{NicId, VmId, VnicProfileId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{NicModel, Vm, VmNic};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use ferrovirt_store::vms::DeviceOwner;
use uuid::Uuid;

use super::devices::{changeable, mac_address, tell_host};
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::plug_device::Plug;

/// What a request says of a NIC: parts that are `None` were not named.
#[derive(Clone, Debug, Default)]
pub struct NicChange {
    /// Unique in the VM.
    pub name: Option<String>,
    /// The profile; `Some(None)`: connected to nothing.
    pub profile: Option<Option<VnicProfileId>>,
    /// The device model.
    pub model: Option<NicModel>,
    /// A chosen MAC address.
    pub mac_address: Option<String>,
    /// The cable is in.
    pub linked: Option<bool>,
    /// The device is in.
    pub plugged: Option<bool>,
    /// Free text.
    pub description: Option<String>,
}

/// The draft of an event about a NIC.
#[must_use]
pub fn nic_event(sentence: EventSentence, nic: &VmNic) -> EventDraft {
    let model = model_name(nic.model);
    let link = if nic.linked { "up" } else { "down" };
    sentence.draft().with("InterfaceName", &nic.name).with("InterfaceType", model).with("LinkState", link)
}

/// VM and NIC as the log names them where a change of the NIC comes to nothing, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Names {
    vm: Option<String>,
    nic: Option<VmNic>,
}

impl Names {
    async fn find(cx: &mut ActionContext<'_>, vm: VmId, id: NicId) -> Result<Self> {
        let nics = cx.tx.vms().nics(&[vm.0]).await?;
        Ok(Self { vm: None, nic: nics.into_iter().map(|(_, nic)| nic).find(|nic| nic.id == id) })
    }

    /// A NIC that nobody found goes by the id that was asked for.
    fn draft(&self, sentence: EventSentence, vm: VmId, id: NicId) -> Option<EventDraft> {
        let draft = match &self.nic {
            Some(nic) => nic_event(sentence, nic),
            None => sentence.draft().with("InterfaceName", id).with("InterfaceType", "unknown"),
        };
        Some(draft.vm(vm, self.vm.clone()?))
    }
}

fn model_name(model: NicModel) -> &'static str {
    match model {
        NicModel::Virtio => "VirtIO",
        NicModel::E1000 => "e1000",
        NicModel::E1000e => "e1000e",
        NicModel::Rtl8139 => "rtl8139",
    }
}

async fn nic_of(cx: &mut ActionContext<'_>, vm: VmId, id: NicId) -> Result<VmNic> {
    let nics = cx.tx.vms().nics(&[vm.0]).await?;
    let found = nics.into_iter().map(|(_, nic)| nic).find(|nic| nic.id == id);
    Ok(found.ok_or_else(|| Refusal::no_such("NIC", id))?)
}

async fn name_free(cx: &mut ActionContext<'_>, vm: VmId, name: &str) -> Result<()> {
    names::check(NameKind::Nic, "Nic", name)?;
    if cx.tx.vms().nics(&[vm.0]).await?.iter().any(|(_, nic)| nic.name == name) {
        return Err(Refusal::NameTaken { kind: "NIC", name: name.to_owned() }.into());
    }
    Ok(())
}

/// The profile must exist, lie in the VM's data centre, and the caller may use it.
async fn profile_usable(cx: &mut ActionContext<'_>, vm: &Vm, profile: Option<VnicProfileId>) -> Result<()> {
    let Some(id) = profile else { return Ok(()) };
    let profile = cx.tx.networks().profiles(&[id]).await?.pop();
    let profile = profile.ok_or_else(|| Refusal::no_such("vNIC profile", id))?;
    cx.require(Permit::ConfigureVmNetwork, id).await?;
    let network = cx.tx.networks().get(&[profile.network]).await?.pop();
    let network = network.ok_or_else(|| Refusal::no_such("Network", profile.network))?;
    let cluster = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
    if cluster.is_none_or(|cluster| cluster.data_center != network.data_center) {
        return Err(Refusal::rule("The vNIC profile lies in another data center than the VM.").into());
    }
    if !network.vm_network {
        return Err(Refusal::rule(format!("VMs can't join network {}: it is not a VM network.", network.name)).into());
    }
    if profile.pass_through {
        return Err(Refusal::rule("Profiles that pass a host's NIC through are not served by this version.").into());
    }
    Ok(())
}

/// Give a VM a NIC.
#[derive(Clone, Debug)]
pub struct AddNic {
    /// The VM.
    pub vm: VmId,
    /// What the NIC is.
    pub nic: NicChange,
    /// The VM's name, as far as it is known.
    pub vm_name: Option<String>,
}

#[async_trait]
impl Action for AddNic {
    type Output = NicId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<NicId> {
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmNetwork, &mut self.vm_name).await?;
        let wanted = self.nic.clone();
        let name = wanted.name.ok_or(Refusal::Missing { entity: "Nic", field: "name" })?;
        name_free(cx, self.vm, &name).await?;
        let profile = wanted.profile.flatten();
        profile_usable(cx, &vm, profile).await?;
        let plugged = wanted.plugged.unwrap_or(true);
        let nic = VmNic {
            id: NicId(Uuid::new_v4()),
            name,
            profile,
            model: wanted.model.unwrap_or(NicModel::Virtio),
            mac_address: mac_address(cx, &vm, wanted.mac_address.as_deref()).await?,
            linked: wanted.linked.unwrap_or(true),
            // A running VM's host plugs it in first.
            plugged: plugged && run.is_none(),
            description: wanted.description.unwrap_or_default(),
        };
        cx.tx.vms().put_nic(DeviceOwner::Vm(self.vm), &nic).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(nic_event(sentences::NETWORK_ADD_VM_INTERFACE, &nic).vm(self.vm, vm.name.clone()));
        if let Some(run) = run.filter(|_| plugged) {
            tell_host(cx, &vm, &run, Plug::NicIn(nic.id), "Plugging a NIC into").await?;
        }
        Ok(nic.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::NETWORK_ADD_VM_INTERFACE_FAILED.draft().vm(self.vm, self.vm_name.clone()?);
        let model = model_name(self.nic.model.unwrap_or(NicModel::Virtio));
        Some(draft.with("InterfaceName", self.nic.name.as_deref()?).with("InterfaceType", model))
    }
}

/// Change a NIC.
#[derive(Clone, Debug)]
pub struct UpdateNic {
    /// The VM.
    pub vm: VmId,
    /// The NIC.
    pub nic: NicId,
    /// What changes.
    pub change: NicChange,
    /// The names of VM and NIC, as far as they are known.
    pub names: Names,
}

#[async_trait]
impl Action for UpdateNic {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.names = Names::find(cx, self.vm, self.nic).await?;
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmNetwork, &mut self.names.vm).await?;
        let old = nic_of(cx, self.vm, self.nic).await?;
        let mut nic = old.clone();
        if let Some(name) = self.change.name.clone().filter(|name| *name != old.name) {
            name_free(cx, self.vm, &name).await?;
            nic.name = name;
        }
        if let Some(profile) = self.change.profile {
            profile_usable(cx, &vm, profile).await?;
            nic.profile = profile;
        }
        if let Some(address) = self.change.mac_address.as_deref().map(str::to_lowercase)
            && address != old.mac_address
        {
            nic.mac_address = mac_address(cx, &vm, Some(&address)).await?;
        }
        nic.model = self.change.model.unwrap_or(nic.model);
        nic.linked = self.change.linked.unwrap_or(nic.linked);
        if let Some(description) = &self.change.description {
            nic.description.clone_from(description);
        }
        let plugged = self.change.plugged.unwrap_or(old.plugged);
        let run = run.filter(|_| plugged || old.plugged);
        let device = (nic.model, &nic.mac_address) != (old.model, &old.mac_address);
        if run.is_some() && device && old.plugged {
            let sentence = "The model and address of a NIC that is plugged into a running VM can't be changed.";
            return Err(Refusal::rule(sentence).into());
        }
        if run.is_none() {
            nic.plugged = plugged;
        }
        cx.tx.vms().put_nic(DeviceOwner::Vm(self.vm), &nic).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(nic_event(sentences::NETWORK_UPDATE_VM_INTERFACE, &nic).vm(self.vm, vm.name.clone()));
        if let Some(run) = run {
            let what = match (old.plugged, plugged) {
                (false, true) => Some(Plug::NicIn(nic.id)),
                (true, false) => Some(Plug::NicOut(nic.id)),
                (true, true) if (old.linked, old.profile) != (nic.linked, nic.profile) => {
                    Some(Plug::NicLink { nic: nic.id, linked: old.linked, profile: old.profile })
                }
                _ => None,
            };
            if let Some(what) = what {
                tell_host(cx, &vm, &run, what, "Changing a NIC of").await?;
            }
        }
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.names.draft(sentences::NETWORK_UPDATE_VM_INTERFACE_FAILED, self.vm, self.nic)
    }
}

/// Plug a NIC in or out.
#[derive(Clone, Debug)]
pub struct PlugNic {
    /// The VM.
    pub vm: VmId,
    /// The NIC.
    pub nic: NicId,
    /// In.
    pub plugged: bool,
    /// The names of VM and NIC, as far as they are known.
    pub names: Names,
}

#[async_trait]
impl Action for PlugNic {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.names = Names::find(cx, self.vm, self.nic).await?;
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmNetwork, &mut self.names.vm).await?;
        let mut nic = nic_of(cx, self.vm, self.nic).await?;
        let (what, sentence) = if self.plugged {
            (Plug::NicIn(nic.id), sentences::NETWORK_ACTIVATE_VM_INTERFACE_SUCCESS)
        } else {
            (Plug::NicOut(nic.id), sentences::NETWORK_DEACTIVATE_VM_INTERFACE_SUCCESS)
        };
        if nic.plugged == self.plugged {
            cx.log(nic_event(sentence, &nic).vm(self.vm, vm.name));
            return Ok(());
        }
        if let Some(run) = run {
            cx.job_tells();
            return tell_host(cx, &vm, &run, what, "Plugging a NIC of").await;
        }
        nic.plugged = self.plugged;
        cx.tx.vms().put_nic(DeviceOwner::Vm(self.vm), &nic).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(nic_event(sentence, &nic).vm(self.vm, vm.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let sentence = if self.plugged {
            sentences::NETWORK_ACTIVATE_VM_INTERFACE_FAILURE
        } else {
            sentences::NETWORK_DEACTIVATE_VM_INTERFACE_FAILURE
        };
        self.names.draft(sentence, self.vm, self.nic)
    }
}

/// Take a NIC away. One that is plugged into a running VM is plugged out first, by its user.
#[derive(Clone, Debug)]
pub struct RemoveNic {
    /// The VM.
    pub vm: VmId,
    /// The NIC.
    pub nic: NicId,
    /// The names of VM and NIC, as far as they are known.
    pub names: Names,
}

#[async_trait]
impl Action for RemoveNic {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.names = Names::find(cx, self.vm, self.nic).await?;
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmNetwork, &mut self.names.vm).await?;
        let nic = nic_of(cx, self.vm, self.nic).await?;
        if nic.plugged && run.is_some() {
            return Err(Refusal::rule("Cannot remove an active device. Please deactivate it first.").into());
        }
        cx.tx.vms().remove_nic(nic.id).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(nic_event(sentences::NETWORK_REMOVE_VM_INTERFACE, &nic).vm(self.vm, vm.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.names.draft(sentences::NETWORK_REMOVE_VM_INTERFACE_FAILED, self.vm, self.nic)
    }
}

//! What NIC and disk actions share: the VM under its lock, and the job that tells a running VM's host.

use ferrovirt_model::ids::{JobId, MacPoolId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Lock, LockPurpose, Vm, VmRun};
use ferrovirt_plan::mac::{self, MacAddress};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::ActionContext;
use crate::failure::Result;
use crate::jobs::plug_device::{Plug, PlugDevice};

/// A VM whose devices may be changed now, its row locked, with the run that has it.
pub(super) async fn changeable(
    cx: &mut ActionContext<'_>,
    id: VmId,
    permit: Permit,
    name: &mut Option<String>,
) -> Result<(Vm, Option<VmRun>)> {
    let vm = cx.tx.vms().lock_row(id).await?.ok_or_else(|| Refusal::no_such("VM", id))?;
    *name = Some(vm.name.clone());
    cx.require(permit, id).await?;
    let run = cx.tx.vms().view(id).await?.and_then(|view| view.run);
    lifecycle::may(&vm, run.as_ref(), Ask::ChangeDevices, cx.now)?;
    Ok((vm, run))
}

/// Begins to tell a running VM's host; the VM is held until the host has answered.
pub(super) async fn tell_host(cx: &mut ActionContext<'_>, vm: &Vm, run: &VmRun, what: Plug, words: &str) -> Result<()> {
    let id = JobId(uuid::Uuid::new_v4());
    let job = PlugDevice { vm: vm.id, host: run.host, generation: run.generation, what };
    cx.tx.vms().set_lock(vm.id, Some(Lock { job: id, purpose: LockPurpose::Devices })).await?;
    cx.begin_as(id, &job, format!("{words} VM {}", vm.name), vec![vm.id.into()]).await?;
    cx.tx.changed(vm.id, Change::Updated);
    Ok(())
}

/// The address of a new NIC: the chosen one, checked, or the next of the cluster's pool. The pool is locked.
pub(super) async fn mac_address(cx: &mut ActionContext<'_>, vm: &Vm, chosen: Option<&str>) -> Result<String> {
    let cluster = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
    let pool = match cluster.and_then(|cluster| cluster.settings.mac_pool) {
        Some(id) => id,
        None => default_pool(cx).await?,
    };
    let pool = cx.tx.networks().lock_mac_pool(pool).await?.ok_or_else(|| Refusal::no_such("MAC pool", pool))?;
    let used = cx.tx.vms().mac_addresses().await?;
    let used = used.iter().filter_map(|text| text.parse::<MacAddress>().ok()).collect();
    let address = match chosen {
        Some(text) => mac::check_chosen(&pool, &used, text)?,
        None => mac::next_free(&pool, &used)?,
    };
    Ok(address.to_string())
}

async fn default_pool(cx: &mut ActionContext<'_>) -> Result<MacPoolId> {
    let pools = cx.tx.networks().mac_pools().await?;
    let pool = pools.into_iter().find(|pool| pool.default).ok_or_else(|| Refusal::no_such("MAC pool", "Default"))?;
    Ok(pool.id)
}

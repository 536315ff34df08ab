//! What VMs are told: start, stop, shut down, reboot, move.

use ferrovirt_engine::action::Done;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::{CancelMigration, Migrate, Power, Start, Stop};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_wire::types;

use super::from_wire;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::api::unserved::{on, refuse};

pub(super) fn register(r: &mut Registry) {
    r.on("VmService", "start", start);
    r.on("VmService", "stop", stop);
    r.on("VmService", "shutdown", shutdown);
    r.on("VmService", "reboot", reboot);
    r.on("VmService", "reset", reset);
    r.on("VmService", "migrate", migrate);
    r.on("VmService", "cancel_migration", cancel_migration);
}

/// The answer of an action: its job, where it began one.
pub(super) fn answer<T>(call: &Call, action: &types::Action, done: &Done<T>) -> Reply {
    match done.job {
        Some(job) => {
            let job = links::reference(call.hrefs.of("jobs", job), job);
            Reply::action_with_job(job, action.r#async.unwrap_or(false))
        }
        None => Reply::action(types::Action::default()),
    }
}

/// The host that an action names.
fn host(host: Option<&types::Host>) -> Result<Option<Named<HostId>>, Fault> {
    host.and_then(|host| from_wire::named(&host.id, &host.name)).map(|reference| reference.read("Host")).transpose()
}

async fn start(call: Call) -> Answer {
    let mut action = call.action()?;
    // A guest that waits for data of these kinds must not be started as if it had them.
    let asked = [
        ("use_ignition", on(action.use_ignition)),
        ("use_sysprep", on(action.use_sysprep)),
        ("volatile", on(action.volatile)),
        ("attach_wgt", on(action.attach_wgt)),
        ("authorized_key", action.authorized_key.is_some()),
    ];
    refuse("VmService.start", &asked)?;
    if let Some(vm) = &mut action.vm {
        super::identify_hosts(&call, &mut vm.placement_policy).await?;
    }
    let vm = action.vm.as_deref();
    let mut start = Start::new(call.id("vm")?, None, action.pause.unwrap_or(false));
    if let Some(vm) = vm {
        if let Some(placement) = &vm.placement_policy {
            let mut hosts = from_wire::hosts(placement)?;
            if hosts.len() > 1 {
                return Err(Refusal::rule("A VM can be started on one chosen host, not on several.").into());
            }
            start.host = hosts.pop();
        }
        let once = once(vm);
        if once != types::Vm::default() {
            start.once = Some(from_wire::edit(once)?);
        }
    }
    let asked = [action.use_cloud_init, action.use_initialization].contains(&Some(true));
    start.initialize = asked || vm.is_some_and(|vm| vm.initialization.is_some());
    let done = call.engine().act(&call.caller, start).await?;
    Ok(answer(&call, &action, &done))
}

/// What of a VM's document holds for one run.
fn once(vm: &types::Vm) -> types::Vm {
    // A model that is named wins over the host's own CPU.
    let modelled = vm.custom_cpu_model.as_ref().filter(|model| !model.is_empty());
    types::Vm {
        bios: vm.bios.clone(),
        cdroms: vm.cdroms.clone(),
        console: vm.console.clone(),
        cpu: modelled.map(|_| types::Cpu { mode: Some(types::CpuMode::Custom), ..Default::default() }),
        custom_cpu_model: vm.custom_cpu_model.clone(),
        custom_emulated_machine: vm.custom_emulated_machine.clone(),
        custom_properties: vm.custom_properties.clone(),
        display: vm.display.clone(),
        floppies: vm.floppies.clone(),
        initialization: vm.initialization.clone(),
        os: vm.os.clone(),
        payloads: vm.payloads.clone(),
        stateless: vm.stateless,
        ..Default::default()
    }
}

async fn stop(call: Call) -> Answer {
    let action = call.action()?;
    let done = call.engine().act(&call.caller, Stop::new(call.id("vm")?, action.reason.clone())).await?;
    Ok(answer(&call, &action, &done))
}

async fn shutdown(call: Call) -> Answer {
    let action = call.action()?;
    let done = call.engine().act(&call.caller, Power::shutdown(call.id("vm")?, action.reason.clone())).await?;
    Ok(answer(&call, &action, &done))
}

async fn reboot(call: Call) -> Answer {
    let action = call.action()?;
    let force = action.force.unwrap_or(false);
    let done = call.engine().act(&call.caller, Power::reboot(call.id("vm")?, force)).await?;
    Ok(answer(&call, &action, &done))
}

async fn reset(call: Call) -> Answer {
    let action = call.action()?;
    let done = call.engine().act(&call.caller, Power::reset(call.id("vm")?)).await?;
    Ok(answer(&call, &action, &done))
}

async fn migrate(call: Call) -> Answer {
    let action = call.action()?;
    let id: VmId = call.id("vm")?;
    if let Some(cluster) = action.cluster.as_deref().and_then(|cluster| cluster.id.clone()) {
        let home = call.engine().vm(&call.caller, id).await?.vm.cluster;
        if cluster != home.to_string() {
            return Err(Refusal::rule("A VM can be migrated within its cluster only.").into());
        }
    }
    let host = host(action.host.as_deref())?;
    let done = call.engine().act(&call.caller, Migrate::new(id, host, action.force.unwrap_or(false))).await?;
    Ok(answer(&call, &action, &done))
}

async fn cancel_migration(call: Call) -> Answer {
    let action = call.action()?;
    let done = call.engine().act(&call.caller, CancelMigration::new(call.id("vm")?)).await?;
    Ok(answer(&call, &action, &done))
}

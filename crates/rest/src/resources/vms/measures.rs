//! The measurements of VMs.

use ferrovirt_engine::now;
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::catalogue::statistics as catalogue;
use ferrovirt_model::vm::VmStatistics;
use ferrovirt_wire::types;

use super::nics;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::resources::statistics::{Figure, present};

/// The measurements of the VM that the path names.
pub(crate) async fn statistics(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    Ok(of(&call.hrefs, &view))
}

/// The measurements of the VM's NIC that the path names.
pub(crate) async fn nic_statistics(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let (view, nic) = call.engine().vm_nic(&call.caller, call.id("vm")?, call.id("nic")?).await?;
    let href = call.hrefs.within("vms", view.vm.id, "nics", nic.id);
    Ok(nics::nic_statistics(&href, &view, &nic.id.to_string()))
}

/// The measurements of a VM; zeros while it does not run.
pub(super) fn of(hrefs: &Hrefs, view: &VmView) -> Vec<types::Statistic> {
    let measured = view.statistics.clone().filter(|_| view.run.is_some()).unwrap_or_default();
    let href = hrefs.of("vms", view.vm.id);
    present(&href, catalogue::VM, |name| figure(view, &measured, name))
}

fn figure(view: &VmView, measured: &VmStatistics, name: &str) -> Option<Figure> {
    let number = |value: u64| Some(Figure::Number(value as f64));
    match name {
        "cpu.current.guest" => Some(Figure::Number(measured.cpu_guest_percent)),
        "cpu.current.hypervisor" => Some(Figure::Number(measured.cpu_hypervisor_percent)),
        "cpu.current.total" => Some(Figure::Number(measured.cpu_total_percent)),
        "cpu.usage.history" | "memory.usage.history" | "network.usage.history" => Some(Figure::Series(Vec::new())),
        "disks.usage" => Some(Figure::Text(disks_usage(view))),
        "elapsed.time" => {
            let began = view.run.as_ref().and_then(|run| run.started_at);
            number(began.map_or(0, |began| u64::try_from((now() - began) / 1000).unwrap_or(0)))
        }
        "memory.buffered" => number(measured.memory_buffered),
        "memory.cached" => number(measured.memory_cached),
        "memory.free" => number(measured.memory_free),
        "memory.installed" => number(view.vm.definition.memory),
        "memory.unused" => number(measured.memory_free),
        "memory.used" => number(measured.memory_used),
        "migration.progress" => {
            let migration = view.run.as_ref().and_then(|run| run.migration.as_ref());
            number(migration.map_or(0, |migration| u64::from(migration.percent)))
        }
        "network.current.total" => Some(Figure::Number(network_percent(measured))),
        _ => None,
    }
}

/// The load of the busiest NIC in percent of a gigabit, which is what the guest is told that it has.
fn network_percent(measured: &VmStatistics) -> f64 {
    const GIGABIT_IN_BYTES: f64 = 125_000_000.0;
    let loads = measured.nics.values().map(|nic| nic.received_bytes_per_second.max(nic.sent_bytes_per_second));
    loads.fold(0.0, f64::max) / GIGABIT_IN_BYTES * 100.0
}

/// The guest's file systems as oVirt writes them: a JSON list, numbers as text.
fn disks_usage(view: &VmView) -> String {
    let disks = view.guest.iter().flat_map(|guest| &guest.disks);
    let all: Vec<serde_json::Value> = disks
        .map(|disk| {
            serde_json::json!({
                "path": disk.path, "total": disk.total.to_string(), "used": disk.used.to_string(), "fs": disk.file_system,
            })
        })
        .collect();
    serde_json::Value::Array(all).to_string()
}

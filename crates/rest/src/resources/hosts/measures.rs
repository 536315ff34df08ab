//! Statistics of hosts and their NICs, from the newest measurements. What was never measured is left out.

use ferrovirt_engine::reading::hosts::HostView;
use ferrovirt_model::catalogue::statistics as catalogue;
use ferrovirt_model::host::HostStatistics;
use ferrovirt_model::ids::{HostId, HostNicId};
use ferrovirt_model::vm::NicRates;
use ferrovirt_wire::types;

use super::figures::{self, Figure};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;

/// The statistics of the host that the path names.
pub(crate) async fn statistics(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let host: HostId = call.id("host")?;
    let view = call.engine().host_view(&call.caller, host).await?;
    Ok(of_host(&call.hrefs, &view))
}

/// The statistics of the NIC of a host that the path names.
pub(crate) async fn nic_statistics(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let (host, id): (HostId, HostNicId) = (call.id("host")?, call.id("nic")?);
    let view = call.engine().host_view(&call.caller, host).await?;
    let nics = call.engine().host_nics(&[host]).await?;
    let nic = nics.iter().find(|nic| nic.id == id).ok_or_else(|| Fault::no_such("HostNic", &id.to_string()))?;
    Ok(of_nic(&call.hrefs.within("hosts", host, "nics", id), &view, &nic.name))
}

/// The statistics of a host's NIC, by its address and its name.
pub(super) fn of_nic(href: &str, view: &HostView, name: &str) -> Vec<types::Statistic> {
    let rates = view.statistics.as_ref().and_then(|statistics| statistics.nics.get(name));
    figures::present(href, catalogue::HOST_NIC, |name| nic_figure(rates?, name))
}

/// The statistics of a host.
pub(super) fn of_host(hrefs: &Hrefs, view: &HostView) -> Vec<types::Statistic> {
    let href = hrefs.of("hosts", view.host.id);
    let figure = |name: &str| host_figure(view.statistics.as_ref()?, name).map(Figure::Number);
    figures::present(&href, catalogue::HOST, figure)
}

fn host_figure(from: &HostStatistics, name: &str) -> Option<f64> {
    let bytes = |count: u64| Some(count as f64);
    match name {
        "memory.total" => bytes(from.memory_total),
        "memory.used" => bytes(from.memory_used),
        "memory.free" => bytes(from.memory_free),
        "memory.shared" => bytes(from.memory_shared),
        "swap.total" => bytes(from.swap_total),
        "swap.free" => bytes(from.swap_free),
        "swap.used" => bytes(from.swap_total.saturating_sub(from.swap_free)),
        "cpu.current.user" => Some(from.cpu_user_percent),
        "cpu.current.system" => Some(from.cpu_system_percent),
        "cpu.current.idle" => Some(from.cpu_idle_percent),
        "cpu.load.avg.5m" => Some(from.load_average_5m),
        "ksm.cpu.current" => Some(from.ksm_cpu_percent),
        // Seconds since the epoch on the wire.
        "boot.time" => from.boot_time.map(|at| (at / 1000) as f64),
        _ => None,
    }
}

/// The figures of a NIC, of hosts and VMs alike.
pub(crate) fn nic_figure(from: &NicRates, name: &str) -> Option<Figure> {
    let number = match name {
        "data.current.rx" => from.received_bytes_per_second,
        "data.current.tx" => from.sent_bytes_per_second,
        "data.current.rx.bps" => from.received_bytes_per_second * 8.0,
        "data.current.tx.bps" => from.sent_bytes_per_second * 8.0,
        "data.total.rx" => from.received_bytes as f64,
        "data.total.tx" => from.sent_bytes as f64,
        "errors.total.rx" => from.receive_errors as f64,
        "errors.total.tx" => from.send_errors as f64,
        _ => return None,
    };
    Some(Figure::Number(number))
}

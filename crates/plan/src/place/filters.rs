//! The filters: each gives a reason when the host can't run the VM. The first that does ends the search for reasons.

use std::collections::HashMap;
use std::sync::Arc;

use ferrovirt_model::catalogue::cpu_types;
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::vm::Firmware;

use super::rules::Ties;
use super::{HostView, Offer, Reason, Request, Snapshot};
use crate::policy::{FilterUnit, Policy};

/// Who refuses a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A host that is not up runs nothing.
    HostUp,
    /// The caller keeps the host out.
    LeftOut,
    /// The host reaches the disks.
    StorageDomains,
    /// A unit of the policy.
    Unit(FilterUnit),
}

impl Rule {
    /// A name for users: oVirt's of a policy unit, our own of the rules that no policy can leave out.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HostUp => "Host status",
            Self::LeftOut => "Left out",
            Self::StorageDomains => "Storage domains",
            Self::Unit(unit) => unit.name(),
        }
    }
}

/// One decision's question to every host.
pub(super) struct Asked<'a> {
    request: &'a Request,
    policy: &'a Policy,
    ties: &'a Ties<'a>,
    /// What was found of an offer already, by its address: hosts that are alike share it.
    offers: HashMap<*const Offer, Verdict>,
    /// The system where the VM runs, where the policy asks for it.
    source_version: Option<Arc<str>>,
}

/// What an offer lacks.
#[derive(Clone)]
struct Verdict {
    cpu: Option<Reason>,
    machine: Option<Reason>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a Request, policy: &'a Policy, ties: &'a Ties<'a>, snapshot: &Snapshot) -> Self {
        let upgrade = policy.filters.contains(&FilterUnit::InClusterUpgrade);
        let source = request.source.filter(|_| upgrade);
        let source = source.and_then(|source| snapshot.hosts.iter().find(|host| host.id == source));
        let source_version = source.map(|host| host.offer.os_version.as_str()).filter(|version| !version.is_empty());
        Self { request, policy, ties, offers: HashMap::new(), source_version: source_version.map(Arc::from) }
    }

    /// Why the host can't run the VM, and who says so.
    pub(super) fn refuse(&mut self, host: &HostView) -> Option<(Rule, Reason)> {
        if self.request.source == Some(host.id) {
            return Some((Rule::Unit(FilterUnit::Migration), Reason::Source));
        }
        if host.status != HostStatus::Up {
            return Some((Rule::HostUp, Reason::Status(host.status)));
        }
        if let Some((_, why)) = self.request.barred.iter().find(|(barred, _)| *barred == host.id) {
            return Some((Rule::LeftOut, Reason::LeftOut(why.clone())));
        }
        let policy = self.policy;
        for unit in &policy.filters {
            if let Some(reason) = self.ask(*unit, host) {
                return Some((Rule::Unit(*unit), reason));
            }
        }
        domains(host, self.request).map(|reason| (Rule::StorageDomains, reason))
    }

    fn ask(&mut self, unit: FilterUnit, host: &HostView) -> Option<Reason> {
        let request = self.request;
        match unit {
            FilterUnit::Cpu => cpus(host, request),
            FilterUnit::CpuLevel => self.verdict(host).cpu,
            FilterUnit::CpuOverloaded => overloaded(host, request, self.policy),
            FilterUnit::ClusterInMaintenance => {
                (request.source.is_none() && !request.highly_available).then_some(Reason::ClusterMaintenance)
            }
            FilterUnit::CpuPinning => pinning(host, request),
            FilterUnit::EmulatedMachine => self.verdict(host).machine,
            FilterUnit::InClusterUpgrade => self.older(host),
            FilterUnit::Memory => memory(host, request),
            FilterUnit::Network => networks(host, request),
            FilterUnit::PinToHost => {
                (!request.only.is_empty() && !request.only.contains(&host.id)).then_some(Reason::NotAllowed)
            }
            FilterUnit::Swap => swap(host, self.policy),
            FilterUnit::VmAffinity => self.ties.vm_refusal(host.id),
            FilterUnit::HostAffinity => self.ties.host_refusal(host.id),
            // Asked of every host, whatever the policy.
            FilterUnit::Migration => None,
            // These are idle: see `FilterUnit::idle`.
            FilterUnit::CpuTopology
            | FilterUnit::CompatibilityVersion
            | FilterUnit::HostedEngine
            | FilterUnit::HostHooks
            | FilterUnit::HostDevice
            | FilterUnit::HostedEngineSpares
            | FilterUnit::HugePages
            | FilterUnit::MediatedDevice
            | FilterUnit::TscFrequency
            | FilterUnit::Numa
            | FilterUnit::LeasesReady => None,
        }
    }

    fn verdict(&mut self, host: &HostView) -> Verdict {
        let request = self.request;
        let found = self.offers.entry(Arc::as_ptr(&host.offer));
        found
            .or_insert_with(|| Verdict { cpu: cpu_level(&host.offer, request), machine: machine(&host.offer, request) })
            .clone()
    }

    fn older(&self, host: &HostView) -> Option<Reason> {
        let there = self.source_version.as_ref()?;
        let here = &host.offer.os_version;
        (version(here) < version(there)).then(|| Reason::OlderSystem { here: here.clone(), there: Arc::clone(there) })
    }
}

/// The numbers of a version, in order.
pub(super) fn version(text: &str) -> Vec<u64> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

fn cpus(host: &HostView, request: &Request) -> Option<Reason> {
    let has = host.cpus(request.threads_as_cores);
    let needed = request.cpus;
    if has < needed {
        return Some(Reason::FewCpus { has, needed });
    }
    if request.cpu_reserved_milli == 0 {
        return None;
    }
    let left_milli = (u64::from(has) * 1000).saturating_sub(host.loads.reserved_milli());
    let needed_milli = request.cpu_reserved_milli;
    (left_milli < needed_milli).then_some(Reason::Reserved { left_milli, needed_milli })
}

/// oVirt's rule: a host is overloaded when each of its CPUs is, so that a small VM still finds one on a large host.
fn overloaded(host: &HostView, request: &Request, policy: &Policy) -> Option<Reason> {
    let cpus = f64::from(host.cpus(request.threads_as_cores).max(1));
    let free = 100.0 - policy.parameters.high_utilization();
    let bound = ((100.0 * cpus - free) / cpus).round();
    let percent = host.cpu_percent?;
    let minutes = host.busy.minutes_above(bound);
    (percent > bound && minutes >= policy.parameters.overload_minutes())
        .then_some(Reason::Overloaded { percent: percent.round() as u32, minutes })
}

/// A host without hardware virtualization emulates every model alike, so there only the architecture matters.
fn cpu_level(offer: &Offer, request: &Request) -> Option<Reason> {
    if offer.virtualization == "tcg" {
        return None;
    }
    if let Some(model) = &request.cpu_model {
        let flag = format!("model_{}", model.split(',').next().unwrap_or(model));
        return (!offer.cpu_flags.contains(&flag)).then(|| Reason::CpuModel(model.as_str().into()));
    }
    let cpu_type = cpu_types::named(request.level, request.cpu_type.as_deref()?)?;
    let lacking = cpu_type.lacking(&offer.cpu_flags);
    (!lacking.is_empty()).then(|| Reason::CpuType { name: cpu_type.name.into(), lacking: lacking.into() })
}

fn pinning(host: &HostView, request: &Request) -> Option<Reason> {
    let cpu = *request.pinned_cpus.last()?;
    let has = host.cpus(true);
    (cpu >= has).then_some(Reason::Pin { cpu, has })
}

fn memory(host: &HostView, request: &Request) -> Option<Reason> {
    let needed = request.memory_needed();
    let left = host.memory_left(request.memory_overcommit_percent);
    if left < needed {
        return Some(Reason::MemoryPromise { left, needed });
    }
    let free = host.memory_free?.saturating_sub(host.loads.pending_memory());
    (free < needed).then_some(Reason::MemoryFree { free, needed })
}

/// A host that has not said which machines it offers is not refused for it.
fn machine(offer: &Offer, request: &Request) -> Option<Reason> {
    let offered = &offer.machines;
    if offered.is_empty() {
        return None;
    }
    if let Some(machine) = &request.machine {
        return (!offered.contains(machine)).then(|| Reason::Machine(machine.as_str().into()));
    }
    let q35 = request.firmware != Firmware::I440fxBios;
    let (chipset, fits): (_, fn(&String) -> bool) = if q35 {
        ("Q35", |name| name == "q35" || name.starts_with("pc-q35"))
    } else {
        ("i440fx", |name| name == "pc" || name.starts_with("pc-i440fx"))
    };
    (!offered.iter().any(fits)).then_some(Reason::Chipset(chipset))
}

fn swap(host: &HostView, policy: &Policy) -> Option<Reason> {
    let allowed = policy.parameters.swap_percent()?;
    let used = host.swap_percent?;
    (used > allowed).then_some(Reason::Swap { used, allowed })
}

fn networks(host: &HostView, request: &Request) -> Option<Reason> {
    let lacking = request.networks.iter().filter(|(id, _)| !host.networks.contains(id));
    let names: Vec<String> = lacking.map(|(_, name)| name.clone()).collect();
    (!names.is_empty()).then_some(Reason::Networks(names))
}

fn domains(host: &HostView, request: &Request) -> Option<Reason> {
    let lacking = request.domains.iter().filter(|(id, _)| !host.domains.contains(id));
    let names: Vec<String> = lacking.map(|(_, name)| name.clone()).collect();
    (!names.is_empty()).then_some(Reason::Domains(names))
}

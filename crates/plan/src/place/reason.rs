//! Why a host can't run a VM. Worded only when somebody reads it: a decision among thousands of hosts makes thousands.

use std::fmt;
use std::sync::Arc;

use ferrovirt_model::host::HostStatus;

use crate::MIB;

/// Why a host can't run a VM; as text, half a sentence that follows the host's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It is not up.
    Status(HostStatus),
    /// The caller keeps it out.
    LeftOut(String),
    /// It is none of the hosts that the VM may run on.
    NotAllowed,
    /// The VM runs there.
    Source,
    /// Fewer CPUs than the VM.
    FewCpus {
        /// CPUs that count for VMs.
        has: u32,
        /// CPUs of the VM.
        needed: u32,
    },
    /// Too many CPUs are reserved.
    Reserved {
        /// Thousandths of CPUs that are free to reserve.
        left_milli: u64,
        /// Thousandths that are needed.
        needed_milli: u64,
    },
    /// The VM's own CPU model.
    CpuModel(Arc<str>),
    /// The cluster's CPU type.
    CpuType {
        /// Its name.
        name: Arc<str>,
        /// Flags that the host lacks.
        lacking: Arc<[String]>,
    },
    /// Busy for too long.
    Overloaded {
        /// Percent of its CPUs.
        percent: u32,
        /// Minutes above the bound.
        minutes: u32,
    },
    /// A CPU that the VM is pinned to is not there.
    Pin {
        /// The CPU.
        cpu: u32,
        /// How many there are.
        has: u32,
    },
    /// Promises would exceed policy.
    MemoryPromise {
        /// Bytes.
        left: u64,
        /// Bytes.
        needed: u64,
    },
    /// Not enough is free now.
    MemoryFree {
        /// Bytes.
        free: u64,
        /// Bytes.
        needed: u64,
    },
    /// A machine type of the VM's own.
    Machine(Arc<str>),
    /// The chipset.
    Chipset(&'static str),
    /// Names of networks.
    Networks(Vec<String>),
    /// Names of storage domains.
    Domains(Vec<String>),
    /// Swap in use.
    Swap {
        /// Percent.
        used: u64,
        /// Percent.
        allowed: u64,
    },
    /// The cluster is under maintenance.
    ClusterMaintenance,
    /// An older system than where the VM runs.
    OlderSystem {
        /// The version here.
        here: String,
        /// The version there.
        there: Arc<str>,
    },
    /// A group holds the VM to others that run elsewhere.
    Together(Arc<str>),
    /// A group keeps the VM from one that runs here.
    Apart(Arc<str>),
    /// A group holds the VM to other hosts.
    OtherHosts(Arc<str>),
    /// A group keeps the VM from this host.
    NotHere(Arc<str>),
}

impl fmt::Display for Reason {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(text, "it is {}", status.as_str().replace('_', " ")),
            Self::LeftOut(why) => write!(text, "it is left out: {}", why.trim_end_matches('.')),
            Self::NotAllowed => write!(text, "it is not one that the VM may run on"),
            Self::Source => write!(text, "the VM runs there already"),
            Self::FewCpus { has, needed } => write!(text, "it has {has} CPUs, {needed} are needed"),
            Self::Reserved { left_milli, needed_milli } => {
                write!(
                    text,
                    "{} CPUs are left to reserve, {} are needed",
                    thousandths(*left_milli),
                    thousandths(*needed_milli)
                )
            }
            Self::CpuModel(model) => write!(text, "it can't offer CPU model {model}"),
            Self::CpuType { name, lacking } => write!(text, "its CPU is below {name}: it lacks {}", lacking.join(", ")),
            Self::Overloaded { percent, minutes } => {
                write!(text, "its CPUs are loaded to {percent} %, for {minutes} minutes now")
            }
            Self::Pin { cpu, has } => write!(text, "the VM is pinned to CPU {cpu}, it has {has} CPUs"),
            Self::MemoryPromise { left, needed } => write!(
                text,
                "it may promise {} MiB of memory more, {} MiB are needed",
                left / MIB,
                needed.div_ceil(MIB)
            ),
            Self::MemoryFree { free, needed } => {
                write!(text, "it has {} MiB of free memory, {} MiB are needed", free / MIB, needed.div_ceil(MIB))
            }
            Self::Machine(machine) => write!(text, "it does not offer machine type {machine}"),
            Self::Chipset(chipset) => write!(text, "it does not offer the chipset {chipset}"),
            Self::Networks(names) => write!(text, "it lacks network {}", names.join(", ")),
            Self::Domains(names) => write!(text, "it does not reach storage domain {}", names.join(", ")),
            Self::Swap { used, allowed } => write!(text, "{used} % of its swap are in use, {allowed} % are allowed"),
            Self::ClusterMaintenance => {
                write!(text, "the cluster is under maintenance, where only highly available VMs are started")
            }
            Self::OlderSystem { here, there } => {
                write!(text, "its system {here} is older than {there}, where the VM runs")
            }
            Self::Together(group) => write!(text, "affinity group {group} holds the VM to others that run elsewhere"),
            Self::Apart(group) => write!(text, "affinity group {group} keeps the VM from one that runs there"),
            Self::OtherHosts(group) => write!(text, "affinity group {group} holds the VM to other hosts"),
            Self::NotHere(group) => write!(text, "affinity group {group} keeps the VM from it"),
        }
    }
}

fn thousandths(milli: u64) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{:.3}", milli as f64 / 1000.0) }
}

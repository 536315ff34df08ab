//! What the host can do, told when it changes.

use ferrovirt_hostapi::{Capabilities, NumaNode};

use super::Gathering;
use super::hardware::{self, line};
use super::probe::Verdict;
use crate::domxml::Accelerator;
use crate::hypervisor::HypervisorFacts;

/// What does not change while the agent runs.
#[derive(Debug, Clone)]
pub struct Constants {
    /// The machine's id.
    pub hardware_id: String,
    /// KVM or emulation, and why.
    pub verdict: Verdict,
    /// Where image transfers are served.
    pub transfer_port: u16,
}

/// Gathers all of them.
pub async fn gather(gathering: &Gathering) -> Capabilities {
    let facts = gathering.hypervisor.facts(gathering.accelerator).await;
    let constants = gathering.constants.clone();
    let local = tokio::task::spawn_blocking(move || local(&constants)).await.unwrap_or_default();
    let mut told = local;
    match facts {
        Ok(facts) => with_hypervisor(&mut told, facts),
        Err(error) => told.problems.push(format!("libvirt does not answer: {error}")),
    }
    told
}

fn with_hypervisor(told: &mut Capabilities, facts: HypervisorFacts) {
    told.cpu_flags.extend(facts.usable_models.iter().map(|model| format!("model_{model}")));
    told.libvirt_version = facts.libvirt_version;
    told.qemu_version = facts.qemu_version;
    told.emulated_machines = facts.machines;
    if facts.security_driver.is_empty() {
        told.problems.push("VMs are not confined: libvirt has no security driver (SELinux or AppArmor)".into());
    }
    told.security_driver = facts.security_driver;
}

fn local(constants: &Constants) -> Capabilities {
    let processors = hardware::processors(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let dmi = |name: &str| line(format!("/sys/class/dmi/id/{name}"));
    let mut problems = Vec::new();
    if !constants.verdict.kvm_usable && constants.verdict.accelerator == Accelerator::Tcg {
        problems.push("VMs are emulated, and slow: no KVM guest runs on this host, or emulation was asked for".into());
    }
    let nested = ["kvm_intel", "kvm_amd"]
        .iter()
        .any(|module| matches!(line(format!("/sys/module/{module}/parameters/nested")).as_str(), "Y" | "1"));
    let iscsi = std::fs::read_to_string("/etc/iscsi/initiatorname.iscsi").unwrap_or_default();
    let rng: Vec<String> = ["random", "hwrng"]
        .into_iter()
        .filter(|name| std::path::Path::new("/dev").join(name).exists())
        .map(str::to_owned)
        .collect();
    Capabilities {
        hostname: hardware::hostname(),
        cpu_model: processors.model,
        cpu_vendor: processors.vendor,
        cpu_flags: processors.flags,
        cpu_sockets: processors.sockets,
        cpu_cores_per_socket: processors.cores,
        cpu_threads_per_core: processors.threads,
        // The clock moves all the time; what is told is its step of 100 MHz.
        cpu_mhz: (processors.mhz / 100.0).round() * 100.0,
        memory: hardware::kib_field(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal"),
        kernel_version: line("/proc/sys/kernel/osrelease"),
        os_name: hardware::os_release(&release, "NAME"),
        os_version: hardware::os_release(&release, "VERSION_ID"),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        kvm_usable: constants.verdict.kvm_usable,
        virtualization: match constants.verdict.accelerator {
            Accelerator::Kvm => "kvm".into(),
            Accelerator::Tcg => "tcg".into(),
        },
        hardware_id: constants.hardware_id.clone(),
        hardware_vendor: dmi("sys_vendor"),
        hardware_product: dmi("product_name"),
        hardware_serial: dmi("product_serial"),
        hardware_version: dmi("product_version"),
        hardware_family: dmi("product_family"),
        boot_time: hardware::boot_time(),
        numa_nodes: numa(),
        problems,
        selinux_enforcing: line("/sys/fs/selinux/enforce") == "1",
        transfer_port: constants.transfer_port.into(),
        iscsi_initiator: iscsi
            .lines()
            .find_map(|line| line.strip_prefix("InitiatorName="))
            .unwrap_or_default()
            .trim()
            .into(),
        rng_sources: rng,
        nested_virtualization: nested,
        ..Capabilities::default()
    }
}

fn numa() -> Vec<NumaNode> {
    hardware::numa_nodes()
        .into_iter()
        .map(|(index, folder)| NumaNode {
            index,
            memory: hardware::kib_field(
                &std::fs::read_to_string(folder.join("meminfo")).unwrap_or_default(),
                "MemTotal",
            ),
            cpus: hardware::number_list(&line(folder.join("cpulist"))),
        })
        .collect()
}

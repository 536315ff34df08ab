//! What a definition of a VM must satisfy, whoever wrote it, and which of its changes a running VM takes at once.

use ferrovirt_hostapi::BOOT_FOLDER;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::operating_systems;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::ids::ObjectRef;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::Definition;
use ferrovirt_plan::platform;

use super::guest_password;
use crate::action::ActionContext;
use crate::failure::Result;

/// A change of a definition, as a user asked for it: elements that were not named stay.
pub type Edit = Box<dyn Fn(&mut Definition) -> std::result::Result<(), Refusal> + Send + Sync>;

/// The largest text of a description or comment, in characters. oVirt's columns hold as much.
const LONGEST_TEXT: usize = 4000;
const MIB: u64 = 1 << 20;
/// The largest script of first-boot data, in bytes. Clouds that serve such data allow 16 to 64 KiB.
const LONGEST_SCRIPT: usize = 64 << 10;

/// Changes a definition as a user asked. A password that comes with the change is hashed before anything is kept of it.
///
/// # Errors
/// The refusal of what was asked.
pub fn change(definition: &mut Definition, edit: &Edit) -> Result<()> {
    edit(definition)?;
    if let Some(initialization) = &mut definition.initialization
        && let Some(password) = &initialization.root_password
    {
        initialization.root_password = Some(guest_password::hashed(password)?);
    }
    Ok(())
}

/// Parts of a definition reach further than the machine itself, to its host and to what is done there with it: who changes
/// them needs more than the permit to change the rest, on `object` (of a new VM its cluster). `administer` is the permit
/// that `object` has for what touches hosts.
///
/// # Errors
/// [`Refusal::NotAuthorized`].
pub(in crate::actions) async fn require(
    cx: &mut ActionContext<'_>,
    object: impl Into<ObjectRef>,
    administer: Permit,
    before: &Definition,
    after: &Definition,
) -> Result<()> {
    let object = object.into();
    if before.custom_properties != after.custom_properties {
        cx.require(Permit::ChangeVmCustomProperties, object).await?;
    }
    let same_hosts = before.placement.hosts == after.placement.hosts && before.cpu.pins == after.cpu.pins;
    if !same_hosts || before.direct_boot != after.direct_boot {
        cx.require(administer, object).await?;
    }
    Ok(())
}

/// Whether a VM of `cluster` may be defined so.
///
/// # Errors
/// [`Refusal::BadValue`] that names the element, or a rule's own sentence.
pub fn check(definition: &Definition, cluster: &Cluster) -> std::result::Result<(), Refusal> {
    memory(definition)?;
    processors(definition, cluster)?;
    boot(definition)?;
    for (field, text) in [("description", &definition.description), ("comment", &definition.comment)] {
        if text.chars().count() > LONGEST_TEXT {
            return Err(Refusal::bad_value(field, "(long)", format!("at most {LONGEST_TEXT} characters may be used")));
        }
    }
    if operating_systems::by_id(definition.os).is_none() {
        return Err(Refusal::bad_value("os.type", definition.os, "no such operating system is known"));
    }
    if definition.high_availability.priority > 100 {
        return Err(Refusal::bad_value(
            "high_availability.priority",
            definition.high_availability.priority,
            "it is 0 to 100",
        ));
    }
    if definition.high_availability.enabled && definition.stateless {
        return Err(Refusal::rule("A highly available VM can't be stateless."));
    }
    if definition.io_threads > 1 {
        return Err(Refusal::bad_value("io.threads", definition.io_threads, "0 or 1"));
    }
    if let Some(initialization) = &definition.initialization
        && initialization.custom_script.as_ref().is_some_and(|script| script.len() > LONGEST_SCRIPT)
    {
        let sentence = format!("at most {LONGEST_SCRIPT} bytes may be used");
        return Err(Refusal::bad_value("initialization.custom_script", "(long)", sentence));
    }
    if !matches!(definition.display.monitors, 1 | 2 | 4) {
        return Err(Refusal::bad_value("display.monitors", definition.display.monitors, "1, 2 or 4"));
    }
    if let Some(version) = definition.compatibility
        && !ClusterLevel::from(version).is_supported()
    {
        let version = format!("{}.{}", version.0, version.1);
        return Err(Refusal::bad_value("custom_compatibility_version", version, "no such level is known"));
    }
    Ok(())
}

/// QEMU reads kernels as root, and its guest has them then: only those that were laid out for it.
fn boot(definition: &Definition) -> std::result::Result<(), Refusal> {
    let Some(direct) = &definition.direct_boot else { return Ok(()) };
    for (field, path) in [("os.kernel", &direct.kernel), ("os.initrd", &direct.initrd)] {
        if !platform::may_boot(path) {
            let why = format!("it is the path of a file below {BOOT_FOLDER} on the hosts");
            return Err(Refusal::bad_value(field, path, why));
        }
    }
    Ok(())
}

fn memory(definition: &Definition) -> std::result::Result<(), Refusal> {
    if definition.memory < MIB {
        return Err(Refusal::bad_value("memory", definition.memory, "a VM needs at least 1 MiB"));
    }
    if definition.memory_guaranteed > definition.memory {
        return Err(Refusal::bad_value(
            "memory_policy.guaranteed",
            definition.memory_guaranteed,
            "it can't exceed the memory",
        ));
    }
    if definition.memory_max < definition.memory {
        return Err(Refusal::bad_value("memory_policy.max", definition.memory_max, "it can't be less than the memory"));
    }
    Ok(())
}

fn processors(definition: &Definition, cluster: &Cluster) -> std::result::Result<(), Refusal> {
    let cpu = &definition.cpu;
    if cpu.sockets == 0 || cpu.cores == 0 || cpu.threads == 0 {
        let topology = format!("{}:{}:{}", cpu.sockets, cpu.cores, cpu.threads);
        return Err(Refusal::bad_value("cpu.topology", topology, "sockets, cores and threads are at least 1"));
    }
    let level = ClusterLevel::from(definition.compatibility.unwrap_or(cluster.settings.version));
    if cpu.count() > level.max_cpus() {
        return Err(Refusal::bad_value(
            "cpu.topology",
            cpu.count(),
            format!("at most {} virtual CPUs", level.max_cpus()),
        ));
    }
    if cpu.sockets > level.max_sockets() {
        return Err(Refusal::bad_value(
            "cpu.topology.sockets",
            cpu.sockets,
            format!("at most {} sockets", level.max_sockets()),
        ));
    }
    Ok(())
}

/// What of a change a running VM takes without a restart: words, and policies that hosts do not hold. The rest waits.
#[must_use]
pub fn without_restart(running: &Definition, wanted: &Definition) -> Definition {
    let mut now = running.clone();
    now.description.clone_from(&wanted.description);
    now.comment.clone_from(&wanted.comment);
    now.delete_protected = wanted.delete_protected;
    now.high_availability = wanted.high_availability.clone();
    now.placement = wanted.placement.clone();
    now.migration = wanted.migration.clone();
    now.storage_error_resume = wanted.storage_error_resume;
    now.start_paused = wanted.start_paused;
    now.cdrom = wanted.cdrom;
    now.initialization.clone_from(&wanted.initialization);
    now.memory_guaranteed = wanted.memory_guaranteed.min(now.memory);
    now.origin.clone_from(&wanted.origin);
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_apply_at_once_and_hardware_waits() {
        let running = Definition::default();
        let wanted = Definition { description: "new".to_owned(), memory: 8 << 30, ..Definition::default() };
        let now = without_restart(&running, &wanted);
        assert_eq!((now.description.as_str(), now.memory), ("new", running.memory));
        let words = Definition { description: "new".to_owned(), ..Definition::default() };
        assert_eq!(without_restart(&running, &words), words);
    }
}

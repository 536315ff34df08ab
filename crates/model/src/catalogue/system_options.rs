//! System options that clients may read: limits and defaults, some of them by cluster level. Values are the shipped ones;
//! an engine that lets one be changed lays its own value over this table.

mod table;

use std::borrow::Cow;

use super::cluster_levels::ClusterLevel;
use super::{cpu_types, migration_policies};

/// Who may read an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever has signed in.
    Everyone,
    /// Administrators.
    Administrators,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    General(&'static str),
    SameAtAllLevels(&'static str),
    ByLevel(&'static [(&'static str, &'static str)]),
    CpuTypes,
    MigrationPolicies,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemOption {
    /// The name, which is its id on the wire too.
    pub name: &'static str,
    /// Who may read it.
    pub access: Access,
    values: Values,
}

const fn general(name: &'static str, access: Access, value: &'static str) -> SystemOption {
    SystemOption { name, access, values: Values::General(value) }
}

const fn same_at_all_levels(name: &'static str, access: Access, value: &'static str) -> SystemOption {
    SystemOption { name, access, values: Values::SameAtAllLevels(value) }
}

const fn by_level(name: &'static str, access: Access, values: &'static [(&'static str, &'static str)]) -> SystemOption {
    SystemOption { name, access, values: Values::ByLevel(values) }
}

const COMPUTED: &[SystemOption] = &[
    SystemOption { name: "MigrationPolicies", access: Access::Administrators, values: Values::MigrationPolicies },
    SystemOption { name: "ServerCPUList", access: Access::Administrators, values: Values::CpuTypes },
];

impl SystemOption {
    /// Versions and values: one of the version `general`, or one for each cluster level.
    #[must_use]
    pub fn values(&self) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
        let each_level = |value: fn(ClusterLevel) -> String| {
            ClusterLevel::SUPPORTED.into_iter().map(|level| (level.to_string().into(), value(level).into())).collect()
        };
        match self.values {
            Values::General(value) => vec![("general".into(), value.into())],
            Values::SameAtAllLevels(value) => {
                ClusterLevel::SUPPORTED.into_iter().map(|level| (level.to_string().into(), value.into())).collect()
            }
            Values::ByLevel(values) => values.iter().map(|(level, value)| ((*level).into(), (*value).into())).collect(),
            Values::CpuTypes => each_level(cpu_list),
            Values::MigrationPolicies => each_level(migration_policies::as_json),
        }
    }

    /// The value for a version: `general` or a cluster level.
    #[must_use]
    pub fn value(&self, version: &str) -> Option<Cow<'static, str>> {
        self.values().into_iter().find(|(known, _)| known == version).map(|(_, value)| value)
    }
}

/// CPU types of a level as one text: rank, name, needed flags and model, what VMs get, architecture, type by type.
fn cpu_list(level: ClusterLevel) -> String {
    let entries = cpu_types::at_level(level).iter().map(|cpu| {
        let flags: Vec<_> = cpu.required_flags().collect();
        let architecture = cpu.architecture().as_str();
        let (rank, name, model) = (cpu.rank, cpu.name, cpu.required_model());
        format!(
            "{rank}:{name}:{flags},model_{model}:{vms}:{architecture}",
            flags = flags.join(","),
            vms = cpu.libvirt_model()
        )
    });
    entries.collect::<Vec<_>>().join("; ")
}

/// Every option, the computed ones last.
pub fn all() -> impl Iterator<Item = &'static SystemOption> {
    table::OPTIONS.iter().chain(COMPUTED)
}

/// The option with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static SystemOption> {
    all().find(|option| option.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_general_or_has_a_value_for_each_level() {
        for option in all() {
            let values = option.values();
            assert!(values.len() == 1 && values[0].0 == "general" || values.len() == 7, "{}", option.name);
            assert_eq!(all().filter(|other| other.name == option.name).count(), 1, "{}", option.name);
        }
    }

    #[test]
    fn limits_agree_with_the_levels() {
        let cpus = named("MaxNumOfVmCpus").and_then(|option| option.value("4.8")).unwrap_or_default();
        assert!(cpus.contains(&format!("\"x86\":{}", ClusterLevel::LATEST.max_cpus())));
        for level in ClusterLevel::SUPPORTED {
            let of = |name| named(name).and_then(|option: &SystemOption| option.value(&level.to_string()));
            assert_eq!(of("VM64BitMaxMemorySizeInMB").as_deref(), Some(level.max_memory_mib().to_string().as_str()));
            assert_eq!(of("MaxNumOfVmSockets").as_deref(), Some(level.max_sockets().to_string().as_str()));
            let machines = of("ClusterEmulatedMachines").unwrap_or_default();
            assert!(level.emulated_machines().iter().all(|machine| machines.contains(machine)), "{level}");
        }
    }

    #[test]
    fn cpu_types_are_listed_in_full() {
        let list = named("ServerCPUList").and_then(|option| option.value("4.8")).unwrap_or_default();
        assert!(list.contains("1:Intel Nehalem Family:vmx,nx,model_Nehalem:Nehalem:x86_64"), "{list}");
    }
}

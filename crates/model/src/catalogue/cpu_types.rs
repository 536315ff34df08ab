//! CPU types of clusters: what a host must offer, and the model that VMs see. One list for each cluster level, because
//! ranks and names change between levels.

mod from_4_6;
mod up_to_4_5;

use super::cluster_levels::ClusterLevel;
use super::operating_systems::Architecture;

/// Who makes the CPU. Ranks compare only inside one vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CpuVendor {
    /// Intel.
    Intel,
    /// AMD and compatible.
    Amd,
    /// IBM POWER.
    IbmPower,
    /// IBM Z.
    IbmZ,
}

/// A CPU type that a cluster may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuType {
    /// Who makes it.
    pub vendor: CpuVendor,
    /// The rank inside the vendor: a higher one can run what a lower one can. `level` on the wire.
    pub rank: u16,
    /// The name that users choose by.
    pub name: &'static str,
    flags: &'static str,
    model: &'static str,
}

const fn cpu(vendor: CpuVendor, rank: u16, name: &'static str, flags: &'static str, model: &'static str) -> CpuType {
    CpuType { vendor, rank, name, flags, model }
}

impl CpuType {
    /// The flags that a host must report.
    pub fn required_flags(&self) -> impl Iterator<Item = &'static str> {
        self.flags.split(',')
    }

    /// The libvirt model that a host must call usable.
    #[must_use]
    pub fn required_model(&self) -> &'static str {
        self.model.split(',').next().unwrap_or(self.model)
    }

    /// What VMs get: a libvirt model, then features with `+` or `-`, separated by commas.
    #[must_use]
    pub fn libvirt_model(&self) -> &'static str {
        self.model
    }

    /// The architecture of its CPUs.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        match self.vendor {
            CpuVendor::Intel | CpuVendor::Amd => Architecture::X86_64,
            CpuVendor::IbmPower => Architecture::Ppc64,
            CpuVendor::IbmZ => Architecture::S390x,
        }
    }

    /// What a host lacks for this type. Its flags name usable models as `model_<name>`.
    #[must_use]
    pub fn lacking(&self, host_flags: &[String]) -> Vec<String> {
        let model = format!("model_{}", self.required_model());
        let needed = self.required_flags().map(str::to_owned).chain([model]);
        needed.filter(|flag| !host_flags.contains(flag)).collect()
    }
}

/// The types of a level, ascending by rank inside each vendor. None for a level that clusters can't have.
#[must_use]
pub fn at_level(level: ClusterLevel) -> &'static [CpuType] {
    match (level.major, level.minor) {
        (4, 2) => up_to_4_5::LEVEL_4_2,
        (4, 3) => up_to_4_5::LEVEL_4_3,
        (4, 4) => up_to_4_5::LEVEL_4_4,
        (4, 5) => up_to_4_5::LEVEL_4_5,
        (4, 6) => from_4_6::LEVEL_4_6,
        (4, 7) => from_4_6::LEVEL_4_7,
        (4, 8) => from_4_6::LEVEL_4_8,
        _ => &[],
    }
}

/// The type with this name at a level, or as the last level before it had it: programs go on naming types that newer levels
/// no longer list, and hosts go on serving them. oVirt refuses those.
#[must_use]
pub fn named(level: ClusterLevel, name: &str) -> Option<&'static CpuType> {
    let levels = ClusterLevel::SUPPORTED.into_iter().rev().filter(|known| *known <= level);
    levels.flat_map(at_level).find(|cpu| cpu.name.eq_ignore_ascii_case(name))
}

/// The highest type that a host can serve at a level: what a cluster gets with its first host.
#[must_use]
pub fn best_for(level: ClusterLevel, host_flags: &[String]) -> Option<&'static CpuType> {
    at_level(level).iter().filter(|cpu| cpu.lacking(host_flags).is_empty()).max_by_key(|cpu| cpu.rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_host_gets_the_highest_type_that_it_can_serve() {
        let host = flags("vmx nx aes model_Nehalem model_Westmere");
        assert_eq!(best_for(ClusterLevel::LATEST, &host).map(|cpu| cpu.name), Some("Intel Westmere Family"));
        assert_eq!(best_for(ClusterLevel::LATEST, &flags("nx")), None);
    }

    #[test]
    fn what_is_lacking_is_named() {
        let cpu = named(ClusterLevel::LATEST, "Secure Intel Nehalem Family").expect("in the table");
        assert_eq!(cpu.lacking(&flags("vmx ssbd model_Nehalem")), ["spec_ctrl"]);
        assert_eq!(cpu.libvirt_model(), "Nehalem,+spec-ctrl,+ssbd");
    }

    #[test]
    fn a_type_that_levels_no_longer_list_is_still_known_by_name() {
        let conroe = named(ClusterLevel::LATEST, "intel conroe family").expect("level 4.2 has it");
        assert_eq!(conroe.libvirt_model(), "Conroe");
        assert!(!at_level(ClusterLevel::LATEST).contains(conroe));
        assert_eq!(named(ClusterLevel::new(4, 2), "Secure Intel Nehalem Family"), None, "newer levels don't count");
    }

    #[test]
    fn every_level_has_types_and_no_name_twice() {
        for level in ClusterLevel::SUPPORTED {
            let types = at_level(level);
            assert!(!types.is_empty());
            for cpu in types {
                assert_eq!(types.iter().filter(|other| other.name == cpu.name).count(), 1, "{} at {level}", cpu.name);
            }
        }
    }
}

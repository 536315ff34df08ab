//! What still fits on a storage domain. The critical threshold is kept free: nothing new is begun below it, so that what
//! runs already can still grow.

use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{DiskFormat, StorageDomain};

use crate::{GIB, MIB};

/// How full a domain is by its own thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpaceLevel {
    /// There is room.
    Plenty,
    /// Below the warning threshold.
    Low,
    /// Below the critical threshold: nothing new is begun.
    Critical,
}

/// The level of a domain. [`SpaceLevel::Plenty`] as long as nothing was measured.
#[must_use]
pub fn level(domain: &StorageDomain) -> SpaceLevel {
    let (Some(available), Some(used)) = (domain.available, domain.used) else { return SpaceLevel::Plenty };
    let total = u128::from(available) + u128::from(used);
    if available < reserve(domain) {
        SpaceLevel::Critical
    } else if u128::from(available) * 100 < total * u128::from(domain.warning_low_space_percent) {
        SpaceLevel::Low
    } else {
        SpaceLevel::Plenty
    }
}

/// Bytes that stay free.
fn reserve(domain: &StorageDomain) -> u64 {
    u64::from(domain.critical_space_gib).saturating_mul(GIB)
}

/// Bytes that a new disk takes at once: all of it where it is preallocated, what is put into it where it is not, and the
/// tables of qcow2.
#[must_use]
pub fn needed(provisioned: u64, initial: u64, sparse: bool, format: DiskFormat) -> u64 {
    let content = if sparse { initial.min(provisioned) } else { provisioned };
    match format {
        DiskFormat::Raw => content,
        // Two-level tables: 8 bytes for each cluster of 64 KiB, and as much again for the reference counts at most.
        DiskFormat::Qcow2 => content.saturating_add(provisioned / 4096).saturating_add(MIB),
    }
}

/// Whether `needed` bytes more may be taken from a domain.
///
/// # Errors
/// [`Refusal::NoSpace`] when the reserve would be touched, or is already. A domain that was never measured refuses too:
/// nobody knows what fits.
pub fn may_take(domain: &StorageDomain, needed: u64) -> Result<(), Refusal> {
    let available = domain.available.unwrap_or(0);
    let needed = needed.saturating_add(reserve(domain));
    if available >= needed {
        return Ok(());
    }
    Err(Refusal::NoSpace {
        name: domain.name.clone(),
        available_mib: available / MIB,
        needed_mib: needed.div_ceil(MIB),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::tests::domain;

    #[test]
    fn thresholds_are_the_domains_own() {
        let at = |available: u64| {
            level(&StorageDomain { available: Some(available * GIB), used: Some((100 - available) * GIB), ..domain() })
        };
        assert_eq!(
            [at(50), at(10), at(9), at(5), at(4)],
            [SpaceLevel::Plenty, SpaceLevel::Plenty, SpaceLevel::Low, SpaceLevel::Low, SpaceLevel::Critical]
        );
        assert_eq!(level(&StorageDomain { available: None, ..domain() }), SpaceLevel::Plenty);
    }

    #[test]
    fn a_disk_takes_what_it_must() {
        assert_eq!(needed(10 * GIB, 0, false, DiskFormat::Raw), 10 * GIB);
        assert_eq!(needed(10 * GIB, GIB, true, DiskFormat::Raw), GIB);
        assert_eq!(needed(GIB, 0, true, DiskFormat::Qcow2), GIB / 4096 + MIB);
    }

    #[test]
    fn a_refusal_says_how_much_is_missing() {
        let domain = StorageDomain { available: Some(6 * GIB), ..domain() };
        assert_eq!(may_take(&domain, GIB), Ok(()));
        let refused = Refusal::NoSpace { name: "nfs".to_owned(), available_mib: 6144, needed_mib: 7168 };
        assert_eq!(may_take(&domain, 2 * GIB), Err(refused));
        assert!(may_take(&StorageDomain { available: None, ..domain }, 0).is_err());
    }

    proptest! {
        #[test]
        fn the_reserve_is_never_touched(available in 0_u64..(1 << 50), needed in any::<u64>(), gib in 0_u32..1000) {
            let domain = StorageDomain { available: Some(available), critical_space_gib: gib, ..domain() };
            if may_take(&domain, needed).is_ok() {
                prop_assert!(available - needed >= u64::from(gib) * GIB);
            }
        }
    }
}

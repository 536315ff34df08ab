//! MAC addresses: reading, writing, and the next one that a pool has left.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use ferrovirt_model::network::MacPool;
use ferrovirt_model::refusal::Refusal;

/// A MAC address. Written in lower case with colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(u64);

impl MacAddress {
    /// Whether it names a group of receivers; no NIC may have such a one (IEEE 802, the lowest bit of the first byte).
    #[must_use]
    pub fn is_multicast(self) -> bool {
        self.0 >> 40 & 1 == 1
    }

    fn next(self) -> Option<Self> {
        (self.0 < 0xffff_ffff_ffff).then_some(Self(self.0 + 1))
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [_, _, a, b, c, d, e, g] = self.0.to_be_bytes();
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The text is no MAC address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a MAC address such as 56:6f:00:00:00:01")]
pub struct NotAMac(pub String);

impl FromStr for MacAddress {
    type Err = NotAMac;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || NotAMac(text.to_owned());
        let mut value = 0;
        let mut parts = 0;
        for part in text.split([':', '-']) {
            if part.len() != 2 || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(bad());
            }
            value = value << 8 | u64::from_str_radix(part, 16).map_err(|_| bad())?;
            parts += 1;
            if parts > 6 {
                return Err(bad());
            }
        }
        if parts == 6 { Ok(Self(value)) } else { Err(bad()) }
    }
}

/// The ranges of a pool as numbers; those that can't be read are empty.
fn ranges(pool: &MacPool) -> impl Iterator<Item = (MacAddress, MacAddress)> + '_ {
    pool.ranges.iter().filter_map(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)))
}

/// The lowest address of a pool that nobody has. `used` may hold addresses outside the pool.
///
/// # Errors
/// [`Refusal::NoMacLeft`].
pub fn next_free(pool: &MacPool, used: &BTreeSet<MacAddress>) -> Result<MacAddress, Refusal> {
    for (first, last) in ranges(pool) {
        let mut candidate = first;
        // Walks over the used ones only: a hole is found at the first address that is not the next used one.
        for taken in used.range(first..) {
            if *taken != candidate || candidate > last {
                break;
            }
            match candidate.next() {
                Some(next) => candidate = next,
                None => break,
            }
        }
        if candidate <= last && !used.contains(&candidate) && !candidate.is_multicast() {
            return Ok(candidate);
        }
    }
    Err(Refusal::NoMacLeft)
}

/// Whether a VM may have an address that its user chose.
///
/// # Errors
/// [`Refusal::BadValue`] for what is no address of one NIC, [`Refusal::MacTaken`] where the pool forbids duplicates.
pub fn check_chosen(pool: &MacPool, used: &BTreeSet<MacAddress>, text: &str) -> Result<MacAddress, Refusal> {
    let address: MacAddress =
        text.parse().map_err(|error: NotAMac| Refusal::bad_value("mac.address", text, error.to_string()))?;
    if address.is_multicast() {
        return Err(Refusal::bad_value("mac.address", text, "a NIC can't have a multicast address"));
    }
    if !pool.allow_duplicates && used.contains(&address) {
        return Err(Refusal::MacTaken { address: address.to_string() });
    }
    Ok(address)
}

/// Whether an address belongs to a pool.
#[must_use]
pub fn contains(pool: &MacPool, address: MacAddress) -> bool {
    ranges(pool).any(|(first, last)| (first..=last).contains(&address))
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::MacPoolId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn pool(ranges: &[(&str, &str)]) -> MacPool {
        let ranges = ranges.iter().map(|(first, last)| ((*first).to_owned(), (*last).to_owned())).collect();
        let (name, description) = ("Default".to_owned(), String::new());
        MacPool { id: MacPoolId(Uuid::nil()), name, description, allow_duplicates: false, default: true, ranges }
    }

    fn used(addresses: &[&str]) -> BTreeSet<MacAddress> {
        addresses.iter().filter_map(|text| text.parse().ok()).collect()
    }

    #[test]
    fn the_lowest_hole_is_taken_and_then_the_next_range() {
        let pool = pool(&[("56:6f:00:00:00:00", "56:6f:00:00:00:02"), ("56:6f:00:01:00:00", "56:6f:00:01:00:00")]);
        let next = |addresses: &[&str]| next_free(&pool, &used(addresses)).map(|mac| mac.to_string());
        assert_eq!(next(&[]).as_deref(), Ok("56:6f:00:00:00:00"));
        assert_eq!(next(&["56:6f:00:00:00:00", "56:6f:00:00:00:02"]).as_deref(), Ok("56:6f:00:00:00:01"));
        let full = ["56:6f:00:00:00:00", "56:6f:00:00:00:01", "56:6f:00:00:00:02"];
        assert_eq!(next(&full).as_deref(), Ok("56:6f:00:01:00:00"));
        assert_eq!(next(&[&full[..], &["56:6f:00:01:00:00"]].concat()), Err(Refusal::NoMacLeft));
    }

    #[test]
    fn a_chosen_address_must_be_one_and_free() {
        let pool = pool(&[]);
        assert_eq!(
            check_chosen(&pool, &used(&[]), "00-1A-4A-16-01-51").map(|mac| mac.to_string()).as_deref(),
            Ok("00:1a:4a:16:01:51")
        );
        assert!(check_chosen(&pool, &used(&[]), "01:00:5e:00:00:01").is_err());
        assert!(check_chosen(&pool, &used(&[]), "00:1a:4a").is_err());
        assert!(check_chosen(&pool, &used(&[]), "00:1a:4a:16:01:51:00").is_err());
        assert!(check_chosen(&pool, &used(&["00:1a:4a:16:01:51"]), "00:1a:4a:16:01:51").is_err());
    }

    proptest! {
        #[test]
        fn a_free_address_is_free_and_in_the_pool(taken in prop::collection::btree_set(0_u64..40, 0..40), size in 0_u64..40) {
            let (first, last) = (MacAddress(0x566f_0000_0000), MacAddress(0x566f_0000_0000 + size));
            let pool = pool(&[(&first.to_string(), &last.to_string())]);
            let used: BTreeSet<_> = taken.iter().map(|offset| MacAddress(first.0 + offset)).collect();
            match next_free(&pool, &used) {
                Ok(address) => {
                    prop_assert!(!used.contains(&address) && contains(&pool, address));
                    prop_assert!((first.0..address.0).all(|below| used.contains(&MacAddress(below))), "the lowest");
                }
                Err(_) => prop_assert!((first.0..=last.0).all(|each| used.contains(&MacAddress(each)))),
            }
        }

        #[test]
        fn what_is_written_is_read(value in 0_u64..=0xffff_ffff_ffff) {
            prop_assert_eq!(MacAddress(value).to_string().parse(), Ok(MacAddress(value)));
        }
    }
}

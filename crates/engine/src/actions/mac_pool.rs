//! What users ask of pools of MAC addresses.

mod add;
mod remove;
mod update;

use ferrovirt_model::ids::MacPoolId;
use ferrovirt_model::network::MacPool;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::mac::MacAddress;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

pub use add::Add;
pub use remove::Remove;
pub use update::Update;

/// What a request says of a pool; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The same address may be used twice.
    pub allow_duplicates: Option<bool>,
    /// First and last addresses, both inside.
    pub ranges: Option<Vec<(String, String)>>,
}

impl Wish {
    /// Lays the wish over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, pool: &mut MacPool) -> Result<()> {
        if let Some(name) = &self.name {
            names::check(NameKind::MacPool, "MacPool", name)?;
            let others = cx.tx.networks().mac_pools().await?;
            if others.iter().any(|other| other.id != pool.id && other.name == *name) {
                return Err(Refusal::NameTaken { kind: "MAC Pool", name: name.clone() }.into());
            }
            pool.name.clone_from(name);
        }
        pool.description = self.description.clone().unwrap_or_else(|| pool.description.clone());
        pool.allow_duplicates = self.allow_duplicates.unwrap_or(pool.allow_duplicates);
        if let Some(ranges) = &self.ranges {
            pool.ranges =
                ranges.iter().map(|(first, last)| range(first, last)).collect::<std::result::Result<_, _>>()?;
        }
        if pool.ranges.is_empty() {
            return Err(Refusal::Missing { entity: "MacPool", field: "ranges" }.into());
        }
        Ok(())
    }
}

/// Takes a pool for a cluster or data centre to draw from: it must not be removed meanwhile, and whoever chooses it needs a
/// permit on it, besides the one on the object that shall use it.
pub(super) async fn choose(cx: &mut ActionContext<'_>, id: MacPoolId) -> Result<()> {
    cx.tx.networks().lock_mac_pool(id).await?.ok_or_else(|| Refusal::no_such("MacPool", id))?;
    cx.require(Permit::ConfigureMacPool, id).await
}

/// A range as it is kept. NICs can't have the addresses of groups, so neither end may be one.
fn range(first: &str, last: &str) -> std::result::Result<(String, String), Refusal> {
    let read = |text: &str| {
        let bad = |why: String| Refusal::bad_value("ranges", text, why);
        let address: MacAddress = text.trim().parse().map_err(|error| bad(format!("{error}")))?;
        match address.is_multicast() {
            true => Err(bad("it is a multicast address".to_owned())),
            false => Ok(address),
        }
    };
    let (from, to) = (read(first)?, read(last)?);
    if from > to {
        return Err(Refusal::bad_value("ranges", format!("{first} to {last}"), "it ends before it begins"));
    }
    Ok((from.to_string(), to.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_kept_in_lower_case_with_colons() {
        let kept = range(" 02:00:00:00:00:0A", "02-00-00-01-00-00").unwrap();
        assert_eq!(kept, ("02:00:00:00:00:0a".to_owned(), "02:00:00:01:00:00".to_owned()));
    }

    #[test]
    fn a_range_is_of_nic_addresses_in_their_order() {
        assert!(range("02:00:00:00:00:02", "02:00:00:00:00:01").is_err());
        assert!(range("01:00:00:00:00:00", "02:00:00:00:00:01").is_err(), "multicast");
        assert!(range("02:00", "02:00:00:00:00:01").is_err());
        assert!(range("02:00:00:00:00:01", "02:00:00:00:00:01").is_ok(), "of one address");
    }
}

//! What slows down guessing: failures in a row of a name and of an address each make the next try wait longer.
//!
//! The wait for a name is short at its longest, because strangers can cause it; that for an address is not. A name at an
//! address from which it signed on of late waits for neither: it has failures of its own there. Refuses to know passwords.

use std::net::IpAddr;

use ferrovirt_model::Millis;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::tx::{Areas, Tx};

use super::names::Account;
use crate::failure::Result;

/// How failures become a wait.
struct Rule {
    /// So many failures cost nothing.
    free: u32,
    /// Seconds at most.
    longest: u64,
}

/// So long after it signed on from somewhere a name is known there, ms: a week.
const KNOWN_FOR: Millis = 7 * 24 * 3_600_000;

const OF_NAME: Rule = Rule { free: 4, longest: 30 };
const OF_ADDRESS: Rule = Rule { free: 9, longest: 300 };

/// Whose failures count in one try, as rows name them.
pub(super) struct Subjects {
    name: Option<String>,
    address: Option<String>,
}

impl Subjects {
    /// IPv6 counts by /64: whoever has one address there has all.
    pub(super) fn new(account: &Option<Account>, from: Option<IpAddr>) -> Self {
        let address = from.map(|address| match address.to_canonical() {
            IpAddr::V4(four) => format!("address:{four}"),
            IpAddr::V6(six) => format!("address:{:x}", u128::from(six) >> 64),
        });
        let clean = |name: &str| name.to_lowercase().chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        Self { name: account.as_ref().map(|account| format!("name:{}", clean(&account.name))), address }
    }

    fn each(&self) -> impl Iterator<Item = (&str, Rule)> {
        let name = self.name.as_deref().map(|subject| (subject, OF_NAME));
        name.into_iter().chain(self.address.as_deref().map(|subject| (subject, OF_ADDRESS)))
    }
}

/// Whose failures one try waits for, and where its own are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Those of the name and of the address, which strangers may share.
    Stranger,
    /// Those of the name at this address, where it is known.
    Known,
}

impl Rule {
    /// Milliseconds that are left of the wait.
    fn left(&self, failures: u32, last: Millis, now: Millis) -> Millis {
        let wait = i64::try_from(self.wait(failures)).unwrap_or(i64::MAX);
        last + wait * 1000 - now
    }

    fn wait(&self, failures: u32) -> u64 {
        let over = failures.saturating_sub(self.free);
        if over == 0 { 0 } else { 1_u64.checked_shl(over - 1).unwrap_or(u64::MAX).min(self.longest) }
    }
}

/// Whether a try is due yet.
pub(super) async fn may_try<A: Areas>(areas: &mut A, subjects: &Subjects, now: Millis) -> Result<Standing> {
    let (mut left, mut standing) = (0, Standing::Stranger);
    let known = match (&subjects.name, &subjects.address) {
        (Some(name), Some(address)) => areas.sign_on().known(name, address).await?,
        _ => None,
    };
    if let Some(known) = known.filter(|known| now - known.succeeded_at < KNOWN_FOR) {
        standing = Standing::Known;
        left = OF_NAME.left(known.failures, known.failed_at, now);
    } else {
        for (subject, rule) in subjects.each() {
            let (failures, last) = areas.sign_on().failures(subject).await?;
            left = left.max(rule.left(failures, last, now));
        }
    }
    if left > 0 {
        return Err(Refusal::SignOnDelayed { seconds: left.unsigned_abs().div_ceil(1000) }.into());
    }
    Ok(standing)
}

/// Counts a failure.
pub(super) async fn failed(tx: &mut Tx, subjects: &Subjects, standing: Standing, now: Millis) -> Result<()> {
    if let (Standing::Known, Some(name), Some(address)) = (standing, &subjects.name, &subjects.address) {
        return Ok(tx.sign_on().known_failed(name, address, now).await?);
    }
    for (subject, _) in subjects.each() {
        tx.sign_on().failed(subject, now).await?;
    }
    Ok(())
}

/// Forgets the failures of a name that has proven itself; where it was known, they were counted apart, and what strangers
/// did stays. Those of the address stay until they are old: one good account must not buy free guesses at others.
pub(super) async fn succeeded(tx: &mut Tx, subjects: &Subjects, standing: Standing, now: Millis) -> Result<()> {
    let Some(name) = &subjects.name else { return Ok(()) };
    if standing == Standing::Stranger {
        tx.sign_on().succeeded(name).await?;
    }
    if let Some(address) = &subjects.address {
        tx.sign_on().known_succeeded(name, address, now).await?;
    }
    Ok(())
}

/// Forgets all that is counted of an account: it begins anew.
pub(super) async fn forget(tx: &mut Tx, account: Account) -> Result<()> {
    if let Some(name) = Subjects::new(&Some(account), None).name {
        tx.sign_on().succeeded(&name).await?;
        tx.sign_on().forget_known(&name).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let waits: Vec<u64> = (0..12).map(|failures| OF_NAME.wait(failures)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(OF_ADDRESS.wait(1000), 300);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_subject() {
        let subject = |text: &str| Subjects::new(&None, Some(text.parse().unwrap())).address.unwrap();
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::2"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_eq!(subject("::ffff:10.0.0.1"), subject("10.0.0.1"));
    }
}

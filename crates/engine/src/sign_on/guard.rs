//! What slows down guessing: failures in a row of a name and of an address each make the next try wait longer.
//!
//! The wait for a name is short at its longest, because strangers can cause it; that for an address is not. Refuses to
//! know passwords.

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

impl Rule {
    fn wait(&self, failures: u32) -> u64 {
        let over = failures.saturating_sub(self.free);
        if over == 0 { 0 } else { 1_u64.checked_shl(over - 1).unwrap_or(u64::MAX).min(self.longest) }
    }
}

/// Whether a try is due yet.
pub(super) async fn may_try<A: Areas>(areas: &mut A, subjects: &Subjects, now: Millis) -> Result<()> {
    let mut left = 0;
    for (subject, rule) in subjects.each() {
        let (failures, last) = areas.sign_on().failures(subject).await?;
        let wait = i64::try_from(rule.wait(failures)).unwrap_or(i64::MAX);
        left = left.max(last + wait * 1000 - now);
    }
    if left > 0 {
        return Err(Refusal::SignOnDelayed { seconds: left.unsigned_abs().div_ceil(1000) }.into());
    }
    Ok(())
}

/// Counts a failure.
pub(super) async fn failed(tx: &mut Tx, subjects: &Subjects, now: Millis) -> Result<()> {
    for (subject, _) in subjects.each() {
        tx.sign_on().failed(subject, now).await?;
    }
    Ok(())
}

/// Forgets the failures of a name that has proven itself. Those of the address stay until they are old: one good account
/// must not buy free guesses at others.
pub(super) async fn succeeded(tx: &mut Tx, subjects: &Subjects) -> Result<()> {
    if let Some(name) = &subjects.name {
        tx.sign_on().succeeded(name).await?;
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

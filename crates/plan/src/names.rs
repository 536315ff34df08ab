//! Which names are right: lengths and characters of each kind of object, as oVirt limits them, so that every name that is
//! accepted here is accepted there too.

use ferrovirt_model::refusal::Refusal;
use uuid::Uuid;

/// The longest device name on Linux, in bytes (`IFNAMSIZ` less the closing zero).
pub const MAX_DEVICE_NAME: usize = 15;

/// A kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A VM.
    Vm,
    /// A template.
    Template,
    /// A disk's alias.
    Disk,
    /// A logical network.
    Network,
    /// A vNIC profile.
    VnicProfile,
    /// A NIC of a VM.
    Nic,
    /// A storage domain.
    StorageDomain,
    /// A data centre.
    DataCenter,
    /// A cluster.
    Cluster,
    /// A host.
    Host,
    /// A tag.
    Tag,
    /// A MAC pool.
    MacPool,
}

/// What a kind of name may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    /// Letters and digits of any script, and `-`, `_`, `.`, `+`.
    Word,
    /// As [`Alphabet::Word`], without the plus sign.
    PlainWord,
    /// Anything that can be printed.
    Line,
}

impl NameKind {
    fn rule(self) -> (usize, Alphabet) {
        match self {
            Self::Vm | Self::Template => (64, Alphabet::Word),
            Self::Disk => (255, Alphabet::Line),
            Self::Network => (256, Alphabet::Line),
            Self::VnicProfile => (256, Alphabet::Line),
            Self::Nic => (50, Alphabet::Word),
            Self::StorageDomain => (50, Alphabet::PlainWord),
            Self::DataCenter | Self::Cluster => (40, Alphabet::PlainWord),
            Self::Host => (255, Alphabet::PlainWord),
            Self::Tag => (50, Alphabet::PlainWord),
            Self::MacPool => (255, Alphabet::Line),
        }
    }
}

impl Alphabet {
    fn holds(self, letter: char) -> bool {
        match self {
            Self::Line => !letter.is_control(),
            Self::Word => letter == '+' || Self::PlainWord.holds(letter),
            // Marks join with the letter before them in many scripts; they are no ASCII.
            Self::PlainWord => letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.') || is_mark(letter),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Word => "letters, digits, '-', '_', '.' and '+' may be used",
            Self::PlainWord => "letters, digits, '-', '_' and '.' may be used",
            Self::Line => "control characters can't be used",
        }
    }
}

/// Combining marks of the scripts in common use (Unicode blocks of combining and Indic vowel signs).
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}')
}

/// Whether a name may be given.
///
/// # Errors
/// [`Refusal::Missing`] for an empty one, [`Refusal::BadValue`] with the rule that it breaks.
pub fn check(kind: NameKind, entity: &'static str, name: &str) -> Result<(), Refusal> {
    let (longest, alphabet) = kind.rule();
    if name.trim().is_empty() {
        return Err(Refusal::Missing { entity, field: "name" });
    }
    let bad = |why: String| Err(Refusal::bad_value("name", name, why));
    if name.chars().count() > longest {
        return bad(format!("at most {longest} characters may be used"));
    }
    if name != name.trim() {
        return bad("it can't begin or end with space".to_owned());
    }
    if !name.chars().all(|letter| alphabet.holds(letter)) {
        return bad(alphabet.describe().to_owned());
    }
    Ok(())
}

/// The device that a network gets on hosts: its own name where Linux can use it, else `on` and the start of its id.
#[must_use]
pub fn network_device(name: &str, id: Uuid) -> String {
    let usable = name.len() <= MAX_DEVICE_NAME
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !name.starts_with("bond");
    if usable {
        return name.to_owned();
    }
    let mut device = format!("on{}", id.simple());
    device.truncate(MAX_DEVICE_NAME);
    device
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(kind: NameKind, name: &str) -> bool {
        check(kind, "Vm", name).is_ok()
    }

    #[test]
    fn vms_have_one_word_names() {
        assert!(ok(NameKind::Vm, "web-1_a.b+c") && ok(NameKind::Vm, "сервер") && ok(NameKind::Vm, &"a".repeat(64)));
        for name in ["", " ", "my vm", "a/b", "a\nb", "a<b", &"a".repeat(65)] {
            assert!(!ok(NameKind::Vm, name), "{name:?}");
        }
    }

    #[test]
    fn networks_and_disks_may_have_spaces() {
        assert!(ok(NameKind::Network, "VM Network with a very long name and עברית"));
        assert!(ok(NameKind::Disk, "my disk (old)"));
        assert!(!ok(NameKind::Network, " red") && !ok(NameKind::Disk, "a\u{7}"));
    }

    #[test]
    fn a_network_without_a_usable_name_gets_a_device_of_its_own() {
        let id = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(network_device("ovirtmgmt", id), "ovirtmgmt");
        for name in ["a network", "sixteen-letters-", "bond0", "-x", "rot×", "a.b"] {
            assert_eq!(network_device(name, id), "on123456789abcd", "{name}");
        }
    }
}

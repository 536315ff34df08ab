//! `follow=disk_attachments.disk,nics`: the links a client wants inlined, as a tree that list handlers resolve with one
//! read a level for all parents. Refuses to know which links exist: what is missing is left as a link.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// More levels than any client asks for; deeper paths are cut.
const DEEPEST: usize = 8;

/// The links to inline below one entity. Names are kept without underscores, so both spellings meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follow(BTreeMap<String, Follow>);

impl Follow {
    /// Reads the comma list of dotted paths.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut root = Self::default();
        for path in text.split(',') {
            let mut node = &mut root;
            for name in path.split('.').map(plain).filter(|name| !name.is_empty()).take(DEEPEST) {
                node = node.0.entry(name).or_default();
            }
        }
        root
    }

    /// What is to be inlined below the link, or nothing where the link itself is not followed.
    #[must_use]
    pub fn at(&self, link: &str) -> Option<&Self> {
        self.0.get(&plain(link))
    }

    /// Whether a link is followed.
    #[must_use]
    pub fn wants(&self, link: &str) -> bool {
        self.at(link).is_some()
    }

    /// Whether nothing is followed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn plain(name: &str) -> String {
    name.trim().chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}

/// Rows of one batch read, sorted to their parents.
#[derive(Debug)]
pub struct Batch<Key, Row>(HashMap<Key, Vec<Row>>);

impl<Key: Eq + Hash, Row> Batch<Key, Row> {
    /// Sorts rows by the parent that `key` names.
    pub fn by(rows: impl IntoIterator<Item = Row>, key: impl Fn(&Row) -> Key) -> Self {
        let mut sorted: HashMap<Key, Vec<Row>> = HashMap::new();
        for row in rows {
            sorted.entry(key(&row)).or_default().push(row);
        }
        Self(sorted)
    }

    /// The rows of one parent; empty where it has none.
    #[must_use]
    pub fn of(&self, parent: &Key) -> &[Row] {
        self.0.get(parent).map(Vec::as_slice).unwrap_or_default()
    }

    /// The single row of a key, for links that name one entity.
    #[must_use]
    pub fn one(&self, key: &Key) -> Option<&Row> {
        self.of(key).first()
    }
}

/// The distinct keys of many parents, for the one read that fetches them all.
pub fn distinct<Key: Ord>(keys: impl IntoIterator<Item = Key>) -> Vec<Key> {
    let mut all: Vec<Key> = keys.into_iter().collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_and_letter_case_do_not_matter() {
        let follow = Follow::parse("disk_attachments.disk,nics.vnic_profile , DiskAttachments.template");
        let attachments = follow.at("diskattachments").unwrap();
        assert!(attachments.wants("disk") && attachments.wants("template"));
        assert!(follow.at("nics").unwrap().wants("vnic_profile"));
        assert!(!follow.wants("cdroms"));
    }

    #[test]
    fn empty_and_odd_texts_follow_nothing() {
        assert!(Follow::parse("").is_empty());
        assert!(Follow::parse(" , ..,").is_empty());
    }

    #[test]
    fn a_batch_hands_each_parent_its_rows() {
        let batch = Batch::by([(1, "a"), (2, "b"), (1, "c")], |row| row.0);
        assert_eq!(batch.of(&1), [(1, "a"), (1, "c")]);
        assert_eq!(batch.of(&3), []);
        assert_eq!(batch.one(&2), Some(&(2, "b")));
        assert_eq!(distinct([3, 1, 3]), [1, 3]);
    }
}

//! Descriptions of the types, for documents about the API. Nothing is said twice: each description is what the type
//! itself tells a deserializer about its fields. No rule of reading or writing stands here.

mod openapi;
mod probe;
mod xsd;

use crate::{
    element::{Element, ElementVisitor},
    types,
};

pub use openapi::openapi;
pub use xsd::xsd;

/// All types and enumerations.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    records: Vec<Record>,
    words: Vec<WordSet>,
}

/// A type with fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The model's name: `Vm`.
    pub name: &'static str,
    /// Tags of one and of many, for types that may be a document.
    pub tags: Option<(&'static str, &'static str)>,
    /// In the order in which they are written.
    pub fields: Vec<Field>,
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    pub kind: Kind,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Boolean,
    Integer,
    Decimal,
    Timestamp,
    /// A word of the enumeration with this name.
    Words(&'static str),
    /// A type with this name.
    Record(&'static str),
    /// A container of items that go by `tag`.
    Collection {
        tag: &'static str,
        of: &'static str,
    },
    /// The field itself is repeated.
    Many(Box<Kind>),
}

/// An enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordSet {
    pub name: &'static str,
    pub words: &'static [&'static str],
}

impl Schema {
    /// The schema of the whole API, sorted by name.
    pub fn of_api() -> Self {
        let mut schema = Self::default();
        types::each_element(&mut schema);
        schema.add::<types::Actions>(None);
        schema.add::<types::Link>(None);
        schema.add::<types::BootDevices>(None);
        schema.add::<types::DnsServers>(None);
        schema.add::<types::IscsiTargets>(None);
        schema.add::<types::NameServers>(None);
        schema.add::<types::NetworkUsages>(None);
        schema.add::<types::RequiredRngSources>(None);
        schema.add::<types::SupportedRngSources>(None);
        schema.add::<types::TransportTypes>(None);
        schema.records.sort_by_key(|record| record.name);
        schema.words.sort_by_key(|words| words.name);
        schema
    }

    /// Every type with fields.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Every enumeration that a field uses.
    pub fn word_sets(&self) -> &[WordSet] {
        &self.words
    }

    /// The type called `name`.
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.name == name)
    }

    /// The enumeration called `name`.
    pub fn words(&self, name: &str) -> Option<&WordSet> {
        self.words.iter().find(|words| words.name == name)
    }

    fn add<T: serde::de::DeserializeOwned>(&mut self, tags: Option<(&'static str, &'static str)>) {
        if let Some((name, fields)) = probe::fields_of::<T>(&mut self.words) {
            self.records.push(Record { name, tags, fields });
        }
    }
}

impl ElementVisitor for Schema {
    fn visit<T: Element>(&mut self) {
        self.add::<T>(Some((T::TAG, T::PLURAL)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::xml::ATTRIBUTES;

    #[test]
    fn fields_are_described_as_they_are() {
        let schema = Schema::of_api();
        let vm = schema.record("Vm").unwrap();
        let kind = |name: &str| vm.fields.iter().find(|field| field.name == name).map(|field| field.kind.clone());
        assert_eq!(kind("id"), Some(Kind::Text));
        assert_eq!(kind("memory"), Some(Kind::Integer));
        assert_eq!(kind("stateless"), Some(Kind::Boolean));
        assert_eq!(kind("creation_time"), Some(Kind::Timestamp));
        assert_eq!(kind("status"), Some(Kind::Words("VmStatus")));
        assert_eq!(kind("cluster"), Some(Kind::Record("Cluster")));
        assert_eq!(kind("cpu"), Some(Kind::Record("Cpu")));
        assert_eq!(kind("nics"), Some(Kind::Collection { tag: "nic", of: "Nic" }));
        assert_eq!(kind("link"), Some(Kind::Many(Box::new(Kind::Record("Link")))));
        assert_eq!(schema.words("BootDevice").unwrap().words, ["cdrom", "hd", "network"]);
    }

    #[test]
    fn nothing_is_missing_and_nothing_is_named_twice() {
        let schema = Schema::of_api();
        let names: HashSet<&str> = schema.records.iter().map(|record| record.name).collect();
        assert_eq!(names.len(), schema.records.len());
        let tags: Vec<&str> =
            schema.records.iter().filter_map(|record| record.tags).flat_map(|(one, many)| [one, many]).collect();
        // With `port_mirroring`, which has no fields, these are the 440 tags that the SDKs register.
        assert_eq!(tags.len(), 438);
        assert_eq!(tags.iter().collect::<HashSet<_>>().len(), 438);
        for record in &schema.records {
            for field in &record.fields {
                match &field.kind {
                    Kind::Record(of) | Kind::Collection { of, .. } => {
                        assert!(names.contains(of), "{}.{}: {of}", record.name, field.name);
                    }
                    Kind::Words(of) => assert!(schema.words(of).is_some(), "{of}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn attributes_come_before_elements_and_are_plain() {
        for record in Schema::of_api().records {
            let attributes = record.fields.iter().take_while(|field| ATTRIBUTES.contains(&field.name)).count();
            for (index, field) in record.fields.iter().enumerate() {
                assert_eq!(ATTRIBUTES.contains(&field.name), index < attributes, "{}.{}", record.name, field.name);
                if index < attributes {
                    let plain = matches!(field.kind, Kind::Text | Kind::Integer | Kind::Words(_));
                    assert!(plain, "{}.{} cannot be an attribute", record.name, field.name);
                }
            }
        }
    }
}

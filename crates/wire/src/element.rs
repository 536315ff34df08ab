//! What types have in common: a tag, links, and collections. It knows no single type.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, MapAccess, Visitor},
    ser::SerializeStruct,
};

/// A type of the API.
pub trait Element: Serialize + DeserializeOwned + Default {
    /// Tag of one.
    const TAG: &'static str;
    /// Tag of a document that lists many.
    const PLURAL: &'static str;
}

/// What a request or an answer may consist of: an element, or a list of them.
pub trait Document: Serialize {
    /// Tag of the outermost XML element.
    const ROOT: &'static str;

    /// Keeps the first `most` items of a list; what is no list stays whole.
    fn cut(&mut self, _most: usize) {}
}

impl<T: Element> Document for T {
    const ROOT: &'static str = T::TAG;
}

impl<T: Element> Document for List<T> {
    const ROOT: &'static str = T::PLURAL;

    fn cut(&mut self, most: usize) {
        self.items.truncate(most);
    }
}

/// Address of something related; `rel` says how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub href: Option<String>,
    pub rel: Option<String>,
}

impl Link {
    /// A link to `href`, related by `rel`.
    pub fn new(rel: impl Into<String>, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), rel: Some(rel.into()) }
    }
}

/// Links to the actions of an entity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Actions {
    #[serde(default)]
    pub link: Vec<Link>,
}

/// A collection. Its items carry their own tag: `<nics><nic/></nics>`, `{"nic":[..]}`.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    /// The items in the order of the answer.
    pub items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'l, T> IntoIterator for &'l List<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Name by which descriptions of types tell a list from a struct of its own.
pub(crate) const LIST: &str = "List";

/// The one field of a list, as a constant that serde can take.
struct FieldOf<T>(PhantomData<T>);

impl<T: Element> FieldOf<T> {
    const NAMES: &'static [&'static str] = &[T::TAG];
}

impl<T: Element> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_struct(LIST, 1)?;
        list.serialize_field(T::TAG, &self.items)?;
        list.end()
    }
}

impl<'de, T: Element> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(LIST, FieldOf::<T>::NAMES, ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Element> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of {}", T::TAG)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
        let mut list = List::default();
        while let Some(tag) = map.next_key::<String>()? {
            if tag == T::TAG {
                list.items = map.next_value()?;
            } else {
                map.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(list)
    }
}

/// What wants to see every element type once.
pub(crate) trait ElementVisitor {
    fn visit<T: Element + fmt::Debug + PartialEq>(&mut self);
}

/// Declares the tags of types, and a walk over all of them.
macro_rules! elements {
    ($($name:ident = $tag:literal in $plural:literal,)+) => {
        $(impl $crate::element::Element for $name {
            const TAG: &'static str = $tag;
            const PLURAL: &'static str = $plural;
        })+

        /// Shows every element type to `visitor`.
        pub(crate) fn each_element(visitor: &mut impl $crate::element::ElementVisitor) {
            $(visitor.visit::<$name>();)+
        }
    };
}
pub(crate) use elements;

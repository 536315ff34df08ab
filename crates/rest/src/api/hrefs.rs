//! Absolute paths of entities below the base that the client used. Refuses to know hosts and schemes: an href has none.

use std::fmt::Display;

/// Builds hrefs under `/ovirt-engine/api` or `/ovirt-engine/api/v4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hrefs {
    base: String,
}

impl Hrefs {
    /// For the base of a request.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into() }
    }

    /// The base itself.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// An entity of a top-level collection: `of("vms", id)`.
    #[must_use]
    pub fn of(&self, collection: &str, id: impl Display) -> String {
        format!("{}/{collection}/{id}", self.base)
    }

    /// An entity of a collection inside another entity: `within("vms", vm, "nics", nic)`.
    #[must_use]
    pub fn within(&self, outer: &str, outer_id: impl Display, inner: &str, inner_id: impl Display) -> String {
        format!("{}/{outer}/{outer_id}/{inner}/{inner_id}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hrefs_keep_the_base_of_the_client() {
        assert_eq!(Hrefs::new("/ovirt-engine/api/v4").of("vms", 7), "/ovirt-engine/api/v4/vms/7");
        assert_eq!(Hrefs::new("/ovirt-engine/api").within("vms", 7, "nics", 8), "/ovirt-engine/api/vms/7/nics/8");
    }
}

//! All resources that are served, area by area. Each area's file opens with its table of operations.

use crate::api::registry::Registry;

/// The handlers of all areas.
#[must_use]
pub(crate) fn registry() -> Registry {
    Registry::default()
}

#[cfg(test)]
mod tests;

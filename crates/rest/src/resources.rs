//! All resources that are served, area by area. Each area's file opens with its table of operations.

use crate::api::registry::Registry;

mod vms;

/// The handlers of all areas.
#[must_use]
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    vms::register(&mut registry);
    registry
}

#[cfg(test)]
mod tests;

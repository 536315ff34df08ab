//! All resources that are served, area by area. Each area's file opens with its table of operations.

use crate::api::registry::Registry;

mod vnic_profiles;
mod statistics;
mod shared;
mod networks;
mod mac_pools;
mod hosts;
mod data_centers;
mod clusters;
mod catalogues;
mod domains;
mod events;
mod jobs;
mod owners;
mod permissions;
mod roles;
mod tags;
mod templates;
mod users;
mod disks;
mod image_transfers;
mod storage_domains;
mod vms;

/// The handlers of all areas.
#[must_use]
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    disks::register(&mut registry);
    image_transfers::register(&mut registry);
    storage_domains::register(&mut registry);
    vms::register(&mut registry);
    catalogues::register(&mut registry);
    clusters::register(&mut registry);
    data_centers::register(&mut registry);
    hosts::register(&mut registry);
    mac_pools::register(&mut registry);
    networks::register(&mut registry);
    statistics::register(&mut registry);
    vnic_profiles::register(&mut registry);
    domains::register(&mut registry);
    events::register(&mut registry);
    jobs::register(&mut registry);
    permissions::register(&mut registry);
    roles::register(&mut registry);
    tags::register(&mut registry);
    users::register(&mut registry);
    templates::register(&mut registry);
    registry
}

#[cfg(test)]
mod tests;

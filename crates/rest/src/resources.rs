//! All resources that are served, area by area. Each area's file opens with its table of operations.

use crate::api::registry::Registry;

mod catalogues;
mod clusters;
mod data_centers;
mod disks;
mod domains;
mod events;
mod hosts;
mod hung;
mod image_transfers;
mod jobs;
mod mac_pools;
mod networks;
mod owners;
mod permissions;
mod related;
mod roles;
mod shared;
mod statistics;
mod storage_domains;
mod tags;
mod templates;
mod users;
mod vms;
mod vnic_profiles;

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

//! What is fixed and may be read: cluster levels, operating systems, options, instance types, scheduling policies.

mod cluster_levels;
mod instance_types;
mod operating_systems;
mod options;
mod policies;

pub(crate) use cluster_levels::lists as lists_of_levels;
pub(crate) use policies::{lists as lists_of_policies, to_wire as policy, unit_to_wire as policy_unit};

use crate::api::registry::Registry;

pub(crate) fn register(r: &mut Registry) {
    cluster_levels::register(r);
    instance_types::register(r);
    operating_systems::register(r);
    options::register(r);
    policies::register(r);
}

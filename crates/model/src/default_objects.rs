//! Ids of the objects that exist from the start. Clients know these by heart, so they never change.
//!
//! The default data centre and cluster are made at setup like any other; their ids are new each time.

use uuid::{Uuid, uuid};

/// The group that every user belongs to.
pub const EVERYONE: Uuid = uuid!("eee00000-0000-0000-0000-123456789eee");
/// The target of system-wide permissions.
pub const SYSTEM: Uuid = uuid!("aaa00000-0000-0000-0000-123456789aaa");
/// Stands for any object when it is asked whether someone may sign in at all.
pub const BOTTOM: Uuid = uuid!("bbb00000-0000-0000-0000-123456789bbb");
/// The empty template.
pub const BLANK_TEMPLATE: Uuid = Uuid::nil();
/// The tag that all tags stand under.
pub const ROOT_TAG: Uuid = Uuid::nil();
/// The management network of the default data centre.
pub const MANAGEMENT_NETWORK: Uuid = uuid!("00000000-0000-0000-0000-000000000009");
/// The name of the management network.
pub const MANAGEMENT_NETWORK_NAME: &str = "ovirtmgmt";
/// The vNIC profile of the management network of the default data centre.
pub const MANAGEMENT_VNIC_PROFILE: Uuid = uuid!("0000000a-000a-000a-000a-000000000398");
/// The MAC address pool that clusters use when none is named.
pub const DEFAULT_MAC_POOL: Uuid = uuid!("58ca604b-017d-0374-0220-00000000014e");
/// The CPU profile of the default cluster.
pub const DEFAULT_CPU_PROFILE: Uuid = uuid!("58ca604e-01a7-003f-01de-000000000250");
/// The name of the data centre, cluster, MAC pool and CPU profile that setup makes.
pub const DEFAULT_NAME: &str = "Default";

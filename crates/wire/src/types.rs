//! Every type of the oVirt API as a plain struct, by area. Field names are the names on the wire and stand in wire order
//! (source: the API model 4.6 and the order its writers use); how they are written is the pens' business.
//!
//! Everything is optional, for a request names only what it changes. `Option<List<_>>` is a collection inside an
//! entity, there only when it is a plain value or when the caller asked to follow its link.

mod action;
mod base;
mod cluster;
mod disk;
mod elements;
mod gluster;
mod host;
mod host_network;
mod initialization;
mod jobs;
mod lists;
mod network;
mod providers;
mod registration;
mod scheduling;
mod storage;
mod system;
mod template;
mod users;
mod vm;
mod vm_hardware;
mod vm_pool;
mod vm_state;

pub use self::{
    action::*, base::*, cluster::*, disk::*, gluster::*, host::*, host_network::*, initialization::*, jobs::*,
    lists::*, network::*, providers::*, registration::*, scheduling::*, storage::*, system::*, template::*, users::*,
    vm::*, vm_hardware::*, vm_pool::*, vm_state::*,
};
pub use crate::{
    element::{Actions, Link, List},
    timestamp::Timestamp,
};
pub(crate) use elements::each_element;

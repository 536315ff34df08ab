//! The host agent: owns the virtual machines, storage, networks and image transfers of one host.
//!
//! It renders what the engine promises into libvirt's terms, keeps running what runs, and tells what it sees. It refuses
//! to know where a VM should be placed: that is the engine's decision.

pub mod agent;
pub mod config;
pub mod domxml;
pub mod door;
pub mod facts;
pub mod guest;
pub mod hypervisor;
pub mod join;
pub mod ledger;
pub mod migration;
pub mod network;
mod process;
pub mod reports;
pub mod storage;
pub mod transfer;
pub mod vm;

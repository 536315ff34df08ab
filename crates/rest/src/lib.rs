//! The web door: oVirt's API over the engine, sign-on, event stream, consoles, transfer proxy and the portal's files.
//! It knows HTTP and oVirt's names; it refuses to know tables, hosts and libvirt.

// The documents name each other in long chains; whether all of them may cross threads takes the compiler that many steps.
#![recursion_limit = "512"]

pub mod api;
mod away;
mod body;
pub mod config;
mod console;
pub mod door;
mod event_stream;
mod headers;
mod portal;
mod resources;
pub mod serve;
mod services;
mod sign_on;
mod transfer_proxy;
pub mod web;

pub use config::{Limits, WebConfig};
pub use serve::{Certificates, Entrance, ServeError, Server};

/// What is served, as `Service.method`, sorted. The rest of the contract answers 501.
#[must_use]
pub fn served() -> Vec<String> {
    resources::registry().served()
}

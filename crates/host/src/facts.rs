//! What the host is and how it does: gathered from libvirt, `/proc` and `/sys`, told when it changes.

pub mod capabilities;
pub mod hardware;
pub mod host_statistics;
pub mod probe;
pub mod vm_statistics;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domxml::Accelerator;
use crate::guest::Listeners;
use crate::hypervisor::{Event, Hypervisor};
use crate::reports::Reports;

/// Capabilities are looked at again this often; events of libvirt's return come sooner.
const CAPABILITIES: Duration = Duration::from_secs(60);

/// What the gatherers need.
#[derive(Clone)]
pub struct Gathering {
    /// The hypervisor.
    pub hypervisor: Arc<dyn Hypervisor>,
    /// Where facts are told.
    pub reports: Reports,
    /// What guests say.
    pub guests: Listeners,
    /// What is known from the start.
    pub constants: capabilities::Constants,
    /// KVM or emulation.
    pub accelerator: Accelerator,
    /// How often statistics are gathered.
    pub interval: Duration,
}

/// Gathers for ever.
pub async fn run(gathering: Gathering) {
    let mut events = gathering.hypervisor.events();
    let mut previous_host = None;
    let mut rates = vm_statistics::Rates::default();
    let mut capabilities_due = Instant::now();
    let mut ticks = tokio::time::interval(gathering.interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            event = events.recv() => match event {
                Ok(Event::Reconnected) => capabilities_due = Instant::now(),
                Ok(Event::Domain { .. } | Event::Lost) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            },
        }
        if capabilities_due <= Instant::now() {
            capabilities_due = Instant::now() + CAPABILITIES;
            let told = capabilities::gather(&gathering).await;
            gathering.reports.push_capabilities(told);
        }
        vm_statistics::gather(&gathering, &mut rates).await;
        let vms = gathering.reports.vms();
        match tokio::task::spawn_blocking(host_statistics::Sample::take).await {
            Ok(sample) => {
                gathering.reports.push_host_statistics(sample.statistics(previous_host.as_ref(), &vms));
                previous_host = Some(sample);
            }
            Err(error) => tracing::error!(%error, "the host's statistics could not be gathered"),
        }
    }
}

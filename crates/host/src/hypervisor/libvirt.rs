//! libvirt behind the hypervisor door: one connection that heals itself, and the verbs on threads that may block.
//!
//! Events come by libvirt's own loop on a thread of its own. When libvirtd restarts, QEMU goes on; the keeper connects
//! again with growing pauses and says `Reconnected`, upon which every VM is looked at anew.

#[cfg(test)]
mod qemu;
mod raw;
mod words;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{broadcast, mpsc};
use virt::connect::Connect;
use virt::domain::Domain as VirtDomain;
use virt::error::Error;
use virt::nwfilter::NWFilter;
use virt::sys;

use super::{
    Activity, AgentFacts, Answer, Counters, Domain, Ending, Event, Hypervisor, HypervisorError, HypervisorFacts, Job,
    MigrationOrder, Way,
};
use crate::domxml::read;

/// Events that a slow listener may lag behind; after that it looks at everything anew.
const LAG: usize = 1024;
/// A dead connection is noticed after this many seconds without an answer, three times.
const KEEP_ALIVE_SECONDS: i32 = 5;
/// How long a guest's agent may take to show a text.
const WALL_SECONDS: i32 = 5;
/// The shortest and longest pause between two attempts to connect.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The local libvirt.
pub struct Libvirt {
    shared: Arc<Shared>,
}

struct Shared {
    uri: String,
    connect: RwLock<Option<Connect>>,
    events: broadcast::Sender<Event>,
    closed: mpsc::Sender<()>,
}

impl Libvirt {
    /// Starts to connect, and keeps connected until it is dropped. Returns at once: what is asked before the connection
    /// stands is answered with `Away`.
    pub fn new(uri: &str) -> Answer<Self> {
        start_event_loop()?;
        let (events, _) = broadcast::channel(LAG);
        let (closed, wake) = mpsc::channel(1);
        let shared = Arc::new(Shared { uri: uri.to_owned(), connect: RwLock::new(None), events, closed });
        tokio::spawn(keep(Arc::downgrade(&shared), wake));
        Ok(Libvirt { shared })
    }

    /// Waits until the connection stands.
    pub async fn connected(&self, patience: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + patience;
        while tokio::time::Instant::now() < deadline {
            if self.shared.current().is_some() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    async fn is(&self, id: &str, activity: Activity) -> Answer<bool> {
        Ok(self.domain(id).await?.is_some_and(|domain| domain.activity == activity))
    }

    /// What was stopped for libvirt's sake runs again: libvirt sees to it when it ends the migration, and else this does.
    async fn run_again(&self, id: &str) -> Answer<()> {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if self.job(id).await?.is_none() {
                break;
            }
        }
        if !self.is(id, Activity::Running).await? {
            self.with(id, |domain| domain.qemu_monitor_command(words::GO_ON, 0)).await?;
        }
        Ok(())
    }

    /// Does something with the connection on a thread that may block.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connect) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let connect = self.shared.current().ok_or_else(|| HypervisorError::Away("not connected".into()))?;
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            work(&connect).map_err(|error| match connect.is_alive() {
                Ok(true) => words::error(&error),
                _ => {
                    // A full channel means that the keeper has been woken already.
                    let _ = shared.closed.try_send(());
                    HypervisorError::Away(error.message().to_owned())
                }
            })
        });
        done.await.map_err(|error| HypervisorError::Failed(error.to_string()))?
    }

    /// Does something with one domain.
    async fn with<T: Send + 'static>(
        &self,
        id: &str,
        work: impl FnOnce(&VirtDomain) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let id = text(id)?;
        self.call(move |connect| work(&VirtDomain::lookup_by_uuid_string(connect, &id)?)).await
    }
}

/// The bindings can't take texts with a zero inside.
fn text(text: &str) -> Answer<String> {
    if text.contains('\0') { Err(HypervisorError::Refused("a text holds a zero".into())) } else { Ok(text.to_owned()) }
}

impl Shared {
    fn current(&self) -> Option<Connect> {
        self.connect.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connect: Option<Connect>) {
        *self.connect.write().unwrap_or_else(PoisonError::into_inner) = connect;
    }
}

impl Shared {
    /// Where libvirt writes how each domain ended; only the system's daemon has a known place.
    fn log_folder(&self) -> Option<std::path::PathBuf> {
        self.uri.starts_with("qemu:///system").then(|| "/var/log/libvirt/qemu".into())
    }
}

/// The last 4 KiB of a file.
fn tail(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
    let mut bytes = Vec::new();
    file.take(4096).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// libvirt's event loop is one a process. It must be there before the first connection, and turn for ever.
fn start_event_loop() -> Answer<()> {
    static LOOP: OnceLock<Result<(), String>> = OnceLock::new();
    LOOP.get_or_init(|| {
        // Errors come back as values; libvirt would print each of them as well.
        virt::error::clear_error_callback();
        virt::event::event_register_default_impl().map_err(|error| error.to_string())?;
        let turn = || {
            loop {
                if let Err(error) = virt::event::event_run_default_impl() {
                    tracing::error!(%error, "libvirt's event loop stumbled");
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        };
        std::thread::Builder::new().name("libvirt-events".into()).spawn(turn).map_err(|error| error.to_string())?;
        Ok(())
    })
    .clone()
    .map_err(HypervisorError::Failed)
}

/// Keeps the connection up until its owner is gone.
async fn keep(shared: std::sync::Weak<Shared>, mut wake: mpsc::Receiver<()>) {
    let mut pause = RETRY.0;
    loop {
        let Some(held) = shared.upgrade() else { return };
        if held.current().is_some() {
            drop(held);
            let woken = tokio::time::timeout(Duration::from_secs(30), wake.recv()).await;
            let Some(held) = shared.upgrade() else { return };
            let Some(connect) = held.current() else { continue };
            let asked = tokio::task::spawn_blocking(move || connect.is_alive().unwrap_or(false));
            if asked.await.unwrap_or(false) {
                if woken.is_ok() {
                    // Something failed for another reason; do not turn faster than that can happen.
                    tokio::time::sleep(RETRY.0).await;
                }
                continue;
            }
            tracing::warn!(uri = %held.uri, "libvirt went away");
            held.set(None);
            let _ = held.events.send(Event::Lost);
            pause = RETRY.0;
            continue;
        }
        let opening = Arc::clone(&held);
        let opened = tokio::task::spawn_blocking(move || open(&opening)).await;
        match opened {
            Ok(Ok(connect)) => {
                held.set(Some(connect));
                tracing::info!(uri = %held.uri, "connected to libvirt");
                let _ = held.events.send(Event::Reconnected);
            }
            Ok(Err(error)) => {
                tracing::debug!(uri = %held.uri, error = %error.message(), "libvirt does not answer yet");
                drop(held);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY.1);
            }
            Err(error) => tracing::error!(%error, "the attempt to connect to libvirt broke off"),
        }
    }
}

fn open(shared: &Shared) -> Result<Connect, Error> {
    let connect = Connect::open(Some(&shared.uri))?;
    let sink = Arc::new(raw::Sink { events: shared.events.clone(), closed: shared.closed.clone() });
    raw::listen(&connect, &sink)?;
    if let Err(error) = connect.set_keep_alive(KEEP_ALIVE_SECONDS, 3) {
        tracing::debug!(error = %error.message(), "this libvirt driver keeps no connection alive");
    }
    Ok(connect)
}

/// Looks at one domain; none where it does not run.
fn look(domain: &VirtDomain) -> Result<Option<Domain>, Error> {
    let (state, reason) = domain.get_state()?;
    let Some(activity) = words::activity(state, reason) else { return Ok(None) };
    let xml = domain.get_xml_desc(0)?;
    let description = match read::description(&xml) {
        Ok(description) => description,
        Err(error) => {
            tracing::warn!(%error, "libvirt's description of a domain can't be read");
            return Ok(None);
        }
    };
    let process = std::fs::read_to_string(format!("/run/libvirt/qemu/{}.pid", description.name));
    Ok(Some(Domain {
        id: description.id,
        name: description.name,
        generation: description.generation,
        activity,
        graphics: description.graphics,
        channels: description.channels,
        process: process.ok().and_then(|text| text.trim().parse().ok()),
        devices: description.devices,
    }))
}

fn gone(error: &Error) -> bool {
    words::error(error) == HypervisorError::Missing
}

const LIVE: u32 = sys::VIR_DOMAIN_AFFECT_LIVE;

#[async_trait]
impl Hypervisor for Libvirt {
    fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    async fn facts(&self, accelerator: crate::domxml::Accelerator) -> Answer<HypervisorFacts> {
        let kind = match accelerator {
            crate::domxml::Accelerator::Kvm => "kvm",
            crate::domxml::Accelerator::Tcg => "qemu",
        };
        self.call(move |connect| {
            let (machines, security_driver) =
                read::machines_and_security(&connect.get_capabilities()?).unwrap_or_default();
            let capabilities = connect.get_domain_capabilities(None, Some("x86_64"), None, Some(kind), 0);
            // A driver without them (libvirt's test driver) offers no models.
            let usable_models = capabilities.ok().and_then(|xml| read::usable_models(&xml).ok()).unwrap_or_default();
            Ok(HypervisorFacts {
                libvirt_version: words::version(connect.get_lib_version()?),
                qemu_version: connect.get_hyp_version().map(words::version).unwrap_or_default(),
                machines,
                usable_models,
                security_driver,
            })
        })
        .await
    }

    async fn domains(&self) -> Answer<Vec<Domain>> {
        self.call(|connect| {
            let mut domains = Vec::new();
            for domain in connect.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE)? {
                match look(&domain) {
                    Ok(seen) => domains.extend(seen),
                    // It ended while we looked.
                    Err(error) if gone(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(domains)
        })
        .await
    }

    async fn domain(&self, id: &str) -> Answer<Option<Domain>> {
        match self.with(id, look).await {
            Err(HypervisorError::Missing) => Ok(None),
            other => other,
        }
    }

    async fn how_ended(&self, name: &str) -> Option<Ending> {
        if name.is_empty() || name.contains('/') {
            return None;
        }
        let path = self.shared.log_folder()?.join(format!("{name}.log"));
        tokio::task::spawn_blocking(move || words::last_ending(&tail(&path).ok()?)).await.ok().flatten()
    }

    async fn migratable_xml(&self, id: &str) -> Answer<String> {
        self.with(id, |domain| domain.get_xml_desc(sys::VIR_DOMAIN_XML_MIGRATABLE | sys::VIR_DOMAIN_XML_SECURE)).await
    }

    async fn live_xml(&self, id: &str) -> Answer<String> {
        self.with(id, |domain| domain.get_xml_desc(sys::VIR_DOMAIN_XML_SECURE)).await
    }

    async fn start(&self, xml: &str, paused: bool) -> Answer<()> {
        let xml = text(xml)?;
        let flags = if paused { sys::VIR_DOMAIN_START_PAUSED } else { sys::VIR_DOMAIN_NONE };
        self.call(move |connect| VirtDomain::create_xml(connect, &xml, flags).map(drop)).await
    }

    async fn power_off(&self, id: &str) -> Answer<()> {
        self.with(id, |domain| domain.destroy()).await
    }

    async fn ask_shutdown(&self, id: &str, way: Way) -> Answer<()> {
        let flag = match way {
            Way::Agent => sys::VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
            Way::Acpi => sys::VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
        };
        self.with(id, move |domain| match domain.shutdown_flags(flag) {
            // libvirt's test driver knows only one way to ask.
            Err(error) if way == Way::Acpi && words::unsupported(&error) => domain.shutdown().map(drop),
            other => other.map(drop),
        })
        .await
    }

    async fn tell_users(&self, id: &str, text: &str) -> Answer<()> {
        let command = words::wall(text);
        self.with(id, move |domain| domain.qemu_agent_command(&command, WALL_SECONDS, 0).map(drop)).await
    }

    async fn ask_reboot(&self, id: &str, way: Way) -> Answer<()> {
        let flag = match way {
            Way::Agent => sys::VIR_DOMAIN_REBOOT_GUEST_AGENT,
            Way::Acpi => sys::VIR_DOMAIN_REBOOT_ACPI_POWER_BTN,
        };
        self.with(id, move |domain| domain.reboot(flag)).await
    }

    async fn reset(&self, id: &str) -> Answer<()> {
        self.with(id, |domain| domain.reset().map(drop)).await
    }

    async fn pause(&self, id: &str) -> Answer<()> {
        self.with(id, |domain| domain.suspend().map(drop)).await
    }

    async fn resume(&self, id: &str) -> Answer<()> {
        self.with(id, |domain| domain.resume().map(drop)).await
    }

    async fn attach(&self, id: &str, device_xml: &str) -> Answer<()> {
        let xml = text(device_xml)?;
        self.with(id, move |domain| domain.attach_device_flags(&xml, LIVE).map(drop)).await
    }

    async fn detach(&self, id: &str, device_xml: &str) -> Answer<()> {
        let xml = text(device_xml)?;
        self.with(id, move |domain| domain.detach_device_flags(&xml, LIVE).map(drop)).await
    }

    async fn update(&self, id: &str, device_xml: &str) -> Answer<()> {
        let xml = text(device_xml)?;
        self.with(id, move |domain| domain.update_device_flags(&xml, LIVE).map(drop)).await
    }

    async fn migrate(&self, id: &str, order: &MigrationOrder) -> Answer<()> {
        let (flags, parameters) = words::migration(order);
        let uri = text(&order.target_uri)?;
        let downtime = order.downtime_ms;
        self.with(id, move |domain| {
            if downtime > 0 {
                // Not every driver can set it before the migration runs; the schedule sets it again while it does.
                let _ = domain.migrate_set_max_downtime(downtime, 0);
            }
            domain.migrate_to_uri3(Some(&uri), parameters, flags)
        })
        .await
    }

    async fn job(&self, id: &str) -> Answer<Option<Job>> {
        self.with(id, |domain| raw::job_stats(domain).map(|(kind, parameters)| words::job(kind, &parameters))).await
    }

    async fn abort_job(&self, id: &str) -> Answer<()> {
        self.with(id, raw::abort_job).await
    }

    async fn release_migration(&self, id: &str) -> Answer<bool> {
        let said = self.with(id, |domain| domain.qemu_monitor_command(words::QUERY_MIGRATION, 0)).await?;
        match words::migration_status(&said).as_deref() {
            Some("cancelling") => {
                self.with(id, |domain| domain.qemu_monitor_command(words::CANCEL_ON, 0)).await?;
                Ok(true)
            }
            // Only what runs is stopped, so that nobody's pause is ended after it.
            Some("cancelled" | "failed") if self.is(id, Activity::Running).await? => {
                self.with(id, |domain| domain.qemu_monitor_command(words::STOP, 0)).await?;
                self.run_again(id).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn set_downtime(&self, id: &str, milliseconds: u64) -> Answer<()> {
        self.with(id, move |domain| domain.migrate_set_max_downtime(milliseconds, 0).map(drop)).await
    }

    async fn switch_to_post_copy(&self, id: &str) -> Answer<()> {
        self.with(id, raw::start_post_copy).await
    }

    async fn resize_disk(&self, id: &str, path: &std::path::Path, size: u64) -> Answer<bool> {
        let path = text(&path.to_string_lossy())?;
        let resized = self.with(id, move |domain| {
            let xml = domain.get_xml_desc(0)?;
            if !xml.contains(&format!("'{path}'")) {
                return Ok(false);
            }
            domain.block_resize(&path, size, sys::VIR_DOMAIN_BLOCK_RESIZE_BYTES).map(|_| true)
        });
        match resized.await {
            Err(HypervisorError::Missing) => Ok(false),
            other => other,
        }
    }

    async fn counters(&self) -> Answer<Vec<Counters>> {
        self.call(|connect| {
            let all = raw::all_stats(connect)?;
            Ok(all.into_iter().map(|(id, parameters)| words::counters(id, &parameters)).collect())
        })
        .await
    }

    async fn ask_guest(&self, id: &str) -> Answer<AgentFacts> {
        self.with(id, |domain| {
            let parameters = raw::guest_info(domain)?;
            let source = sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT;
            let interfaces = domain.interface_addresses(source, 0).unwrap_or_default();
            Ok(AgentFacts {
                parameters: parameters.into_iter().map(|(name, value)| (name, value.text())).collect(),
                interfaces: interfaces
                    .into_iter()
                    .map(|interface| {
                        let addresses =
                            interface.addrs.iter().map(|address| format!("{}/{}", address.addr, address.prefix));
                        (interface.name.clone(), interface.hwaddr.clone(), addresses.collect())
                    })
                    .collect(),
            })
        })
        .await
    }

    async fn ensure_filter(&self, name: &str) -> Answer<()> {
        let name = text(name)?;
        self.call(move |connect| {
            if NWFilter::lookup_by_name(connect, &name).is_ok() {
                return Ok(());
            }
            match crate::domxml::filters::known(&name) {
                Some(xml) => NWFilter::define_xml(connect, &xml).map(drop),
                None => NWFilter::lookup_by_name(connect, &name).map(drop),
            }
        })
        .await
    }
}

//! Keeps a report stream to every enrolled host while this engine leads: hello, full report, changes, heartbeats.
//!
//! Reconnects spread themselves: each host has its own pause with jitter, so an engine that comes back does not meet a
//! thousand handshakes at once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{CommandKey, Report, ReportsRequest, VmRequest};
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostIntent, HostLink, HostStatus, lifecycle};
use ferrovirt_model::ids::HostId;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};
use futures::FutureExt;
use rand::RngExt;
use tokio::task::JoinHandle;
use tonic::Streaming;

use super::{ANSWER, HostDoor, Shared, absorb, within};
use crate::action::event;
use crate::core::now;
use crate::failure::{Result, Trouble};

/// A stream that says nothing for so long is broken: hosts send a heartbeat every 15 s.
const SILENCE: Duration = Duration::from_secs(35);
/// How often a host that reports is noted as heard.
const NOTE_EVERY: Duration = Duration::from_secs(2);
/// Reports that are taken together at most.
const TOGETHER: usize = 256;
/// Pause before the first new try.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A task that keeps one host's stream; it ends with this value.
struct Kept {
    address: (String, u16),
    task: JoinHandle<()>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Watches which hosts there are, and keeps a task for each.
pub async fn run(engine: Shared, epoch: i64) {
    let mut kept: HashMap<HostId, Kept> = HashMap::new();
    while engine.leading() == Some(epoch) {
        match hosts(&engine).await {
            Ok(hosts) => reconcile(&engine, epoch, &hosts, &mut kept),
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "the list of hosts could not be read")
            }
        }
        let _timed_out = tokio::time::timeout(Duration::from_secs(3), engine.kicks().hosts.notified()).await;
    }
}

async fn hosts(engine: &Shared) -> Result<Vec<Host>> {
    let all = engine.store().read().await?.hosts().all().await?;
    Ok(all.into_iter().filter(|host| host.enrolled && host.intent != HostIntent::PendingApproval).collect())
}

fn reconcile(engine: &Shared, epoch: i64, hosts: &[Host], kept: &mut HashMap<HostId, Kept>) {
    kept.retain(|id, keep| {
        let host = hosts.iter().find(|host| host.id == *id);
        host.is_some_and(|host| keep.address == (host.address.clone(), host.port)) && !keep.task.is_finished()
    });
    for host in hosts {
        kept.entry(host.id).or_insert_with(|| Kept {
            address: (host.address.clone(), host.port),
            task: tokio::spawn(keep(engine.clone(), host.id, epoch)),
        });
    }
}

async fn keep(engine: Shared, id: HostId, epoch: i64) {
    let mut pause = FIRST_PAUSE;
    while engine.leading() == Some(epoch) {
        let mut heard = false;
        let end = listen(&engine, id, epoch, &mut heard).await;
        if heard {
            pause = FIRST_PAUSE;
        }
        match end {
            Ok(()) => tracing::info!(host = %id, "a host ended its report stream"),
            Err(failure) => tracing::info!(host = %id, error = %failure, "no report stream from a host"),
        }
        engine.hosts().forget(id);
        if let Err(failure) = absorb::lost(&engine, id).await {
            tracing::warn!(host = %id, error = &failure as &dyn std::error::Error, "a lost host could not be noted");
        }
        let jitter = rand::rng().random_range(0.5..1.5);
        tokio::time::sleep(pause.mul_f64(jitter)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn listen(engine: &Shared, id: HostId, epoch: i64, heard: &mut bool) -> Result<()> {
    let door = engine.host_door_in(epoch, id).await?;
    let reply = door.hello(engine.installation(), Duration::from_secs(8)).await?;
    if reply.host_id != id.to_string() {
        return Err(Trouble::Broken(format!("host {id} calls itself {}", reply.host_id)).into());
    }
    absorb::hello(engine, id, &reply).await?;
    let request = ReportsRequest { engine_id: engine.installation().to_string() };
    let mut stream = door.heard(door.client().reports(request).await)?;
    let mut expected = 1;
    let mut listening = Listening { in_step: false, noted: None };
    loop {
        let next = tokio::time::timeout(SILENCE, stream.message()).await.map_err(|_elapsed| Trouble::HostAway(id))?;
        let Some(first) = next.map_err(|status| door.failure(&status))? else { return Ok(()) };
        let reports = with_waiting(first, &mut stream, &door)?;
        for report in &reports {
            if report.number != expected {
                return Err(Trouble::Broken(format!("report {} came where {expected} was due", report.number)).into());
            }
            expected += 1;
        }
        *heard = true;
        listening.absorb(engine, &door, reports).await?;
    }
}

/// A report with those that have come behind it: a host tells what it measured of all its VMs at once. The end of the stream
/// is met again by the next read.
fn with_waiting(first: Report, stream: &mut Streaming<Report>, door: &HostDoor) -> Result<Vec<Report>> {
    let mut reports = vec![first];
    while reports.len() < TOGETHER {
        match stream.message().now_or_never() {
            Some(Ok(Some(report))) => reports.push(report),
            Some(Err(status)) => return Err(door.failure(&status)),
            Some(Ok(None)) | None => break,
        }
    }
    Ok(reports)
}

/// One host's stream from its first report on.
struct Listening {
    /// The full report has been absorbed: what the rows say of this host is true.
    in_step: bool,
    /// When the host was last noted as heard.
    noted: Option<Instant>,
}

impl Listening {
    /// Reports in their order, measurements that follow each other together.
    ///
    /// One that can't be written for the moment is not dropped: the stream ends, and the next one begins with all.
    async fn absorb(&mut self, engine: &Shared, door: &HostDoor, reports: Vec<Report>) -> Result<()> {
        let mut measured = Vec::new();
        for report in reports {
            if let Some(Body::VmStatistics(statistics)) = report.body {
                measured.push(statistics);
                continue;
            }
            if !measured.is_empty() {
                absorb::measurements(engine, door.id, std::mem::take(&mut measured)).await?;
            }
            self.absorb_one(engine, door, report).await?;
        }
        if !measured.is_empty() {
            absorb::measurements(engine, door.id, measured).await?;
        }
        if self.in_step && self.noted.is_none_or(|noted| noted.elapsed() > NOTE_EVERY) {
            self.noted = Some(Instant::now());
            note(engine, door.id).await?;
        }
        Ok(())
    }

    async fn absorb_one(&mut self, engine: &Shared, door: &HostDoor, report: Report) -> Result<()> {
        self.in_step |= matches!(report.body, Some(Body::FullSync(_)));
        for (vm_id, generation) in absorb::report(engine, door.id, report).await? {
            let key =
                CommandKey { job_id: engine.installation().to_string(), step: format!("end/{vm_id}"), generation };
            let request = VmRequest { key: Some(key), vm_id, generation };
            door.heard(door.client().acknowledge_vm(within(ANSWER, request)).await)?;
        }
        Ok(())
    }
}

async fn note(engine: &Shared, id: HostId) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let news = tx.hosts().set_link(id, HostLink::Connected, Some(now())).await?;
    if news {
        tx.changed(id, Change::Updated);
        tell_coming_up(&mut tx, id).await?;
    }
    tx.commit().await?;
    if news {
        engine.kicks().networks.notify_one();
        engine.kicks().storage.notify_one();
    }
    Ok(())
}

/// Says that a host is up: once each time that it comes in step.
async fn tell_coming_up(tx: &mut Tx, id: HostId) -> Result<()> {
    let Some(host) = tx.hosts().get(id).await? else { return Ok(()) };
    if lifecycle::status(&host) == HostStatus::Up {
        let draft = sentences::VDS_DETECTED.draft().host(id, host.name).with("HostStatus", "Up");
        tx.log(event(&draft, "", now()));
    }
    Ok(())
}

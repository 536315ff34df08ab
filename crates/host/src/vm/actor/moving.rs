//! Migrations, from both sides. The VM is where libvirt says; nothing here decides that it moved.

use std::time::Duration;

use ferrovirt_hostapi as api;

use super::{Actor, Message, Moving};
use crate::domxml::edit;
use crate::hypervisor::{Ending, HypervisorError, Job, MigrationOrder};
use crate::ledger::{ExitKind, Standing, Target};
use crate::migration::{Action, Schedule};
use crate::vm::VmError;

/// libvirt tells the numbers of a migration when it is over: how long they are waited for.
const NUMBERS: Duration = Duration::from_millis(500);
/// A migration whose numbers stand still for so long is looked at: its cancellation may have got stuck.
const STILL: Duration = Duration::from_secs(10);
/// How often progress is asked for and told.
const PROGRESS: Duration = Duration::from_millis(500);

impl Actor {
    pub(super) async fn migrate(&mut self, request: api::MigrateVmRequest) -> Result<(), VmError> {
        if request.target_libvirt_uri.is_empty() || request.target_address.is_empty() {
            return Err(VmError::Invalid("a migration needs the target's address and libvirt".into()));
        }
        if request.target_generation <= request.generation {
            return Err(VmError::Invalid("the run at the target needs a newer generation".into()));
        }
        let xml = self.world.hypervisor.migratable_xml(&self.vm_id).await?;
        let target_xml = edit::for_target(&xml, &self.vm_id, request.target_generation, &request.target_address)
            .map_err(|error| VmError::Failed(error.to_string()))?;
        let mut schedule = Schedule::new(request.convergence.clone());
        let order = MigrationOrder {
            target_uri: with_certificates(request.target_libvirt_uri, self.world.tls_folder.as_deref()),
            stream_uri: stream_uri(&request.target_address),
            target_xml,
            bandwidth: request.bandwidth_mib_per_second,
            auto_converge: request.auto_converge,
            compressed: request.compressed,
            tls_name: request.encrypted.then_some(request.target_name),
            post_copy: request.post_copy,
            parallel: request.parallel_connections,
            downtime_ms: schedule.opening(),
            trust_storage: self.world.trust_storage,
        };
        if let Some(record) = self.record.as_mut() {
            record.target = Some(Target { host_id: request.target_host_id, generation: request.target_generation });
        }
        self.stand(Standing::Leaving);
        if let Err(error) = self.save() {
            self.stand(Standing::Running);
            return Err(error);
        }
        let timeout = (request.timeout_seconds > 0).then(|| Duration::from_secs(request.timeout_seconds.into()));
        self.moving = Some(Moving {
            schedule,
            deadline: timeout.map(|timeout| tokio::time::Instant::now() + timeout),
            awaited: true,
            cancelled: false,
            last: Job::default(),
            still_since: tokio::time::Instant::now(),
            counted: false,
            ended: false,
            why: None,
            stop: None,
        });
        self.passing.progress = Some(api::MigrationProgress { active: true, ..Default::default() });
        self.publish();
        let (hypervisor, mailbox, id) = (self.world.hypervisor.clone(), self.mailbox.clone(), self.vm_id.clone());
        tokio::spawn(async move {
            let result = hypervisor.migrate(&id, &order).await;
            // Where the actor is gone the agent ends, and the next one finds out by itself.
            if let Some(mailbox) = mailbox.upgrade() {
                let _ = mailbox.send(Message::MigrationEnded(result)).await;
            }
        });
        self.watch_progress();
        Ok(())
    }

    /// A migration that was begun before the agent restarted.
    pub(super) fn follow_found_migration(&mut self) {
        tracing::info!(vm = %self.vm_id, "a migration goes on that an earlier run of the agent began");
        self.moving = Some(Moving {
            schedule: Schedule::new(Vec::new()),
            deadline: None,
            awaited: false,
            cancelled: false,
            last: Job::default(),
            still_since: tokio::time::Instant::now(),
            counted: false,
            ended: false,
            why: None,
            stop: None,
        });
        self.watch_progress();
    }

    fn watch_progress(&self) {
        let (hypervisor, mailbox, id) = (self.world.hypervisor.clone(), self.mailbox.clone(), self.vm_id.clone());
        let reports = self.world.reports.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROGRESS).await;
                let leaving = reports.vm(&id).is_some_and(|state| state.phase() == api::VmPhase::MigratingOut);
                let Some(mailbox) = mailbox.upgrade().filter(|_| leaving) else { return };
                let job = hypervisor.job(&id).await.ok().flatten();
                if mailbox.send(Message::Progress(job)).await.is_err() {
                    return;
                }
            }
        });
    }

    pub(super) async fn progress(&mut self, job: Option<Job>) {
        let Some(moving) = self.moving.as_mut() else { return };
        if self.record.as_ref().is_none_or(|record| record.standing != Standing::Leaving) {
            return;
        }
        let late = moving.deadline.is_some_and(|deadline| deadline <= tokio::time::Instant::now());
        let awaited = moving.awaited;
        let moves =
            job.is_some_and(|job| (job.processed, job.remaining) != (moving.last.processed, moving.last.remaining));
        let still = !moves && moving.still_since.elapsed() >= STILL;
        if moves || still {
            moving.still_since = tokio::time::Instant::now();
        }
        if let Some(job) = job {
            moving.last = job;
            let done = job.processed.saturating_mul(100).checked_div(job.processed + job.remaining).unwrap_or(0);
            self.passing.progress = Some(api::MigrationProgress {
                active: true,
                percent: u32::try_from(done.min(99)).unwrap_or(99),
                bytes_total: job.total,
                bytes_processed: job.processed,
                bytes_remaining: job.remaining,
                elapsed_ms: job.elapsed_ms,
                ..Default::default()
            });
            self.publish();
        }
        if late && let Err(error) = self.cancel_migration(Some("it took longer than allowed".into())).await {
            tracing::warn!(vm = %self.vm_id, %error, "a late migration could not be cancelled");
        }
        if still {
            self.release_migration();
        }
        if !awaited {
            // Nobody waits for libvirt's answer: its truth is looked at.
            self.look(None).await;
        }
    }

    /// Looks whether a cancellation has got stuck between QEMU and libvirt; the end then comes as any other.
    fn release_migration(&self) {
        let (hypervisor, id) = (self.world.hypervisor.clone(), self.vm_id.clone());
        tokio::spawn(async move {
            match hypervisor.release_migration(&id).await {
                Ok(true) => {
                    tracing::warn!(vm = %id, "a cancelled migration had got stuck, and was released")
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(vm = %id, %error, "a migration that stands still can't be looked at"),
            }
        });
    }

    /// QEMU begins another round over memory.
    pub(super) async fn round(&mut self) {
        let job = self.world.hypervisor.job(&self.vm_id).await.ok().flatten();
        let (Some(job), Some(moving)) = (job, self.moving.as_mut()) else { return };
        let Some(action) = moving.schedule.round(job.remaining) else { return };
        tracing::info!(vm = %self.vm_id, ?action, "the migration does not converge");
        let done = match action {
            Action::Downtime(milliseconds) => {
                self.world.hypervisor.set_downtime(&self.vm_id, milliseconds).await.map_err(VmError::from)
            }
            Action::PostCopy => self.world.hypervisor.switch_to_post_copy(&self.vm_id).await.map_err(VmError::from),
            Action::Abort => {
                self.cancel_migration(Some("the guest changes memory faster than it can be sent".into())).await
            }
        };
        if let Err(error) = done {
            tracing::warn!(vm = %self.vm_id, %error, "the migration could not be helped");
        }
    }

    pub(super) async fn cancel_migration(&mut self, why: Option<String>) -> Result<(), VmError> {
        match self.world.hypervisor.abort_job(&self.vm_id).await {
            Ok(()) => {}
            // It ends by itself at this moment: which way, its own end tells.
            Err(HypervisorError::Missing | HypervisorError::Refused(_)) if why.is_some() => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if let Some(moving) = self.moving.as_mut() {
            moving.cancelled = why.is_none();
            moving.why = why;
        }
        Ok(())
    }

    pub(super) async fn migration_ended(&mut self, result: Result<(), HypervisorError>) {
        let Some(moving) = self.moving.as_mut() else { return };
        moving.awaited = false;
        moving.ended = !matches!(result, Err(HypervisorError::Away(_)));
        match result {
            Ok(()) if !moving.counted => self.wait_for_numbers(),
            Ok(()) => self.look(Some(Ending::Migrated)).await,
            Err(HypervisorError::Away(text)) => {
                tracing::warn!(vm = %self.vm_id, error = %text, "libvirt went away during a migration");
                return;
            }
            Err(error) => {
                let cancelled = moving.cancelled;
                let text = moving.why.take().unwrap_or_else(|| error.to_string());
                tracing::warn!(vm = %self.vm_id, %error, cancelled, "a migration came to nothing");
                self.passing.progress = Some(api::MigrationProgress {
                    active: false,
                    elapsed_ms: moving.last.elapsed_ms,
                    bytes_total: moving.last.total,
                    bytes_processed: moving.last.processed,
                    error: if cancelled { String::new() } else { text },
                    cancelled,
                    ..Default::default()
                });
                self.look(None).await;
            }
        }
        if self.standing() != Some(Standing::Leaving) || self.passing.undecided {
            let stop = self.moving.take().and_then(|moving| moving.stop);
            if let Some((reason, reply)) = stop {
                let result = match self.standing() {
                    Some(Standing::Running) => self.stop_now(reason).await,
                    Some(Standing::Leaving) => Err(VmError::Away("how the migration ended is not known yet".into())),
                    _ => Ok(()),
                };
                let _ = reply.send(result);
            }
        }
    }

    /// A migration whose end nobody waits for: libvirt went away, or an earlier run of the agent began it. What was to
    /// be done after it is asked again.
    pub(super) fn found_migration_is_over(&mut self) {
        let goes_on = self.standing() == Some(Standing::Leaving) && !self.passing.undecided;
        if goes_on || self.moving.as_ref().is_none_or(|moving| moving.awaited || moving.ended) {
            return;
        }
        if let Some((_, reply)) = self.moving.take().and_then(|moving| moving.stop) {
            let _ = reply.send(Err(VmError::Away("the migration was broken off".into())));
        }
    }

    /// The guest has left, and libvirt has not said yet how long it stood meanwhile.
    pub(super) fn awaits_numbers(&self) -> bool {
        self.standing() == Some(Standing::Leaving) && self.moving.as_ref().is_some_and(|moving| !moving.counted)
    }

    pub(super) fn wait_for_numbers(&self) {
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(NUMBERS).await;
            if let Some(mailbox) = mailbox.upgrade() {
                // An actor that is gone waits for nothing.
                let _ = mailbox.send(Message::NumbersLate).await;
            }
        });
    }

    /// A job has ended, with these numbers; none: they did not come in time.
    pub(super) async fn numbers(&mut self, job: Option<Job>) {
        let Some(moving) = self.moving.as_mut() else {
            self.count_late(job);
            return self.look(None).await;
        };
        if moving.counted && job.is_none() {
            return;
        }
        moving.counted = true;
        if let Some(job) = job {
            moving.last = job;
        }
        self.look(None).await;
    }

    /// The numbers of a migration that has been told already, without them.
    fn count_late(&mut self, job: Option<Job>) {
        let moved = self.record.as_ref().and_then(|record| record.exit.as_ref()).map(|exit| exit.kind);
        if let (Some(job), Some(progress)) = (job, self.passing.progress.as_mut())
            && moved == Some(ExitKind::Migrated)
            && progress.downtime_ms == 0
        {
            progress.downtime_ms = job.downtime_ms;
            self.publish();
        }
    }

    /// The run here is over: whoever waited to stop it must ask the host where it runs now.
    pub(super) fn moving_is_over(&mut self, kind: ExitKind) {
        if kind == ExitKind::Migrated {
            let last = self.moving.as_ref().map(|moving| moving.last).unwrap_or_default();
            self.passing.progress = Some(api::MigrationProgress {
                active: false,
                percent: 100,
                bytes_total: last.total,
                bytes_processed: last.total,
                elapsed_ms: last.elapsed_ms,
                downtime_ms: last.downtime_ms,
                ..Default::default()
            });
        }
        if let Some((_, reply)) = self.moving.take().and_then(|moving| moving.stop) {
            let _ = reply.send(match kind {
                ExitKind::Migrated => Err(VmError::Denied("the VM has moved to another host".into())),
                _ => Ok(()),
            });
        }
    }

    /// The receiving side: what the VM needs is made ready, then the promise is written.
    pub(super) async fn receive(&mut self, spec: api::VmSpec) -> Result<(), VmError> {
        if let Some(domain) = self.world.hypervisor.domain(&self.vm_id).await? {
            return Err(self.runs_here(domain.generation).await);
        }
        self.prepare(&spec).await?;
        let kept = self.renew(spec, Standing::Arriving);
        if let Err(error) = self.save() {
            self.record = kept;
            self.world.places.clear(&self.vm_id).await;
            return Err(error);
        }
        self.seen_arriving = false;
        self.passing = super::Passing::default();
        self.publish();
        Ok(())
    }

    /// Nothing that runs is ended here: what arrived in the meantime stays.
    pub(super) async fn abandon(&mut self) -> Result<(), VmError> {
        self.look(None).await;
        match self.standing() {
            Some(Standing::Arriving) if self.seen_arriving => {
                // libvirt ends the half that came when the source gives up; until then it is not ours to touch.
                Err(VmError::Denied("the VM is arriving: cancel the migration at its source".into()))
            }
            Some(Standing::Arriving) => {
                self.vanish().await;
                self.publish();
                Ok(())
            }
            Some(Standing::Running) => Err(VmError::Denied("the VM has arrived and runs here".into())),
            _ => Ok(()),
        }
    }
}

fn stream_uri(address: &str) -> String {
    if address.contains(':') && !address.starts_with('[') {
        format!("tcp://[{address}]")
    } else {
        format!("tcp://{address}")
    }
}

/// libvirt looks for its client certificate in system folders unless it is told where ours is
/// (<https://libvirt.org/uri.html>, `pkipath`).
fn with_certificates(uri: String, folder: Option<&std::path::Path>) -> String {
    match folder {
        Some(folder) if uri.starts_with("qemu+tls:") && !uri.contains("pkipath=") => {
            let joint = if uri.contains('?') { '&' } else { '?' };
            format!("{uri}{joint}pkipath={}", folder.display())
        }
        _ => uri,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_certificates_stand_in_the_uri() {
        assert_eq!(stream_uri("10.0.0.1"), "tcp://10.0.0.1");
        assert_eq!(stream_uri("fd00::1"), "tcp://[fd00::1]");
        let folder = Some(std::path::Path::new("/x"));
        assert_eq!(with_certificates("qemu+tls://h/system".into(), folder), "qemu+tls://h/system?pkipath=/x");
        assert_eq!(with_certificates("qemu+tcp://h/system".into(), folder), "qemu+tcp://h/system");
    }
}

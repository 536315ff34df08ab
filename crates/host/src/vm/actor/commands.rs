//! Carrying out what was admitted: start, stop, and what the guest is asked for.

use std::time::Duration;

use ferrovirt_hostapi as api;

use super::{Actor, Message, Order, REBOOT, Reply};
use crate::domxml::{self, edit};
use crate::hypervisor::{HypervisorError, Way};
use crate::ledger::{ExitKind, Record, Standing};
use crate::reports::now_ms;
use crate::vm::VmError;

/// VNC takes no more characters than this.
const VNC_PASSWORD: usize = 8;

impl Actor {
    /// Does it. `None`: the answer comes later, and the reply was kept.
    pub(super) async fn carry_out(&mut self, order: Order, reply: Reply) -> Option<(Reply, Result<(), VmError>)> {
        let result = match order {
            Order::Start(spec) => self.start(*spec).await,
            Order::Stop(reason) => return self.stop(reason, reply).await,
            Order::Shutdown { timeout, message } => self.shutdown(timeout, &message).await,
            Order::Reboot(force) => self.reboot(force).await,
            Order::Pause => self.plain(self.world.hypervisor.pause(&self.vm_id).await).await,
            Order::Resume => self.plain(self.world.hypervisor.resume(&self.vm_id).await).await,
            Order::Migrate(request) => self.migrate(*request).await,
            Order::CancelMigration => self.cancel_migration(None).await,
            Order::Receive(spec) => self.receive(*spec).await,
            Order::Abandon => self.abandon().await,
            Order::Attach(device) => self.attach(device).await,
            Order::Detach(device) => return self.detach(device, reply).await,
            Order::Update(device) => self.update(device).await,
            Order::Ticket(kind, password, seconds) => self.ticket(&kind, &password.0, seconds).await,
        };
        Some((reply, result))
    }

    async fn plain(&mut self, result: Result<(), HypervisorError>) -> Result<(), VmError> {
        self.look(None).await;
        result.map_err(VmError::from)
    }

    /// The promise is written first; whatever happens then, it is found again.
    async fn start(&mut self, spec: api::VmSpec) -> Result<(), VmError> {
        let generation = spec.generation;
        match self.world.hypervisor.domain(&self.vm_id).await? {
            Some(domain) if domain.generation == Some(generation) => {
                // The ledger was lost after the promise was kept.
                self.record = Some(Record::new(spec, Standing::Promised, now_ms()));
                self.save()?;
                self.look(None).await;
                return Ok(());
            }
            Some(domain) => return Err(self.runs_here(domain.generation).await),
            None => {}
        }
        let place = self.prepare(&spec).await?;
        let xml = domxml::domain(&spec, &place).map_err(|error| VmError::Invalid(error.to_string()))?.to_xml();
        let paused = spec.start_paused;
        let kept = self.renew(spec, Standing::Promised);
        if let Err(error) = self.save() {
            self.record = kept;
            self.world.places.clear(&self.vm_id).await;
            return Err(error);
        }
        self.passing = super::Passing::default();
        self.publish();
        match self.world.hypervisor.start(&xml, paused).await {
            Ok(()) => {
                self.look(None).await;
                Ok(())
            }
            // Whether it runs is found out when libvirt is back; until then the promise stands.
            Err(HypervisorError::Away(text)) => Err(VmError::Away(text)),
            Err(error) => {
                tracing::warn!(vm = %self.vm_id, %error, "the VM could not be started");
                if self.world.hypervisor.domain(&self.vm_id).await == Ok(None) {
                    self.end(ExitKind::FailedToStart, error.to_string()).await;
                    self.publish();
                    return Err(VmError::Failed(error.to_string()));
                }
                // It is there all the same, or libvirt does not say: this is no "no" on which another host may start it.
                self.look(None).await;
                Err(VmError::Away(format!("whether the VM runs is not certain yet: {error}")))
            }
        }
    }

    /// The answer to a start or an arrival where another run is here; what runs is told, whatever was known before.
    pub(super) async fn runs_here(&mut self, generation: Option<u64>) -> VmError {
        self.look(None).await;
        VmError::RunsHere(match generation {
            Some(other) => format!("the VM runs here already, as generation {other}"),
            None => "a machine of this id, which is not ours, runs here already".to_owned(),
        })
    }

    /// All that the VM needs here, or nothing of it.
    pub(super) async fn prepare(&mut self, spec: &api::VmSpec) -> Result<domxml::Place, VmError> {
        let prepared = self.world.places.prepare(spec).await;
        if prepared.is_err() {
            self.world.places.clear(&self.vm_id).await;
        }
        prepared
    }

    async fn stop(&mut self, reason: String, reply: Reply) -> Option<(Reply, Result<(), VmError>)> {
        if self.standing() == Some(Standing::Leaving) && !self.passing.undecided {
            // It may arrive at any moment: only when it is clear where it runs can it be stopped here.
            if let Err(error) = self.cancel_migration(None).await {
                return Some((reply, Err(error)));
            }
            match self.moving.as_mut() {
                Some(moving) => {
                    moving.stop = Some((reason, reply));
                    return None;
                }
                None => return Some((reply, Err(VmError::Denied("the VM is being migrated away".into())))),
            }
        }
        let result = self.stop_now(reason).await;
        Some((reply, result))
    }

    pub(super) async fn stop_now(&mut self, reason: String) -> Result<(), VmError> {
        self.stopping = Some(reason);
        let arriving = self.standing() == Some(Standing::Arriving);
        match self.world.hypervisor.power_off(&self.vm_id).await {
            Ok(()) => {
                if arriving {
                    self.vanish().await;
                } else {
                    self.end(ExitKind::PoweredOff, String::new()).await;
                }
                self.passing.seen = None;
                self.publish();
                Ok(())
            }
            Err(HypervisorError::Missing) if arriving => {
                self.vanish().await;
                self.publish();
                Ok(())
            }
            Err(HypervisorError::Missing) => {
                self.look(None).await;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn shutdown(&mut self, timeout: u32, message: &str) -> Result<(), VmError> {
        if let Some(record) = self.record.as_mut() {
            record.asked_shutdown = true;
        }
        self.save()?;
        let hypervisor = self.world.hypervisor.clone();
        if self.passing.guest_agent
            && !message.is_empty()
            && let Err(error) = hypervisor.tell_users(&self.vm_id, message).await
        {
            // Many guests forbid it, and the guest shuts down all the same.
            tracing::debug!(vm = %self.vm_id, %error, "the guest's users could not be told why it shuts down");
        }
        let by_agent = self.passing.guest_agent && hypervisor.ask_shutdown(&self.vm_id, Way::Agent).await.is_ok();
        if !by_agent {
            match hypervisor.ask_shutdown(&self.vm_id, Way::Acpi).await {
                Ok(()) => {}
                Err(HypervisorError::Missing) => {
                    self.look(None).await;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.passing.shutting_down = true;
        self.publish();
        if by_agent && timeout > 0 {
            self.give_time(Duration::from_secs(timeout.into()));
        }
        Ok(())
    }

    /// After this time the power button is pressed as well. An agent that dies meanwhile presses none: the user, who sees
    /// that the guest runs on, asks again.
    fn give_time(&self, time: Duration) {
        let Some(generation) = self.record.as_ref().map(|record| record.generation) else { return };
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            if let Some(mailbox) = mailbox.upgrade() {
                // An actor that is gone has no guest.
                let _ = mailbox.send(Message::PressButton(generation)).await;
            }
        });
    }

    pub(super) async fn press_button(&mut self, generation: u64) {
        let same = self.record.as_ref().is_some_and(|record| record.generation == generation);
        if !same || !self.passing.shutting_down || self.standing() != Some(Standing::Running) {
            return;
        }
        tracing::info!(vm = %self.vm_id, "the guest's agent did not power it off; its power button is pressed");
        if let Err(error) = self.world.hypervisor.ask_shutdown(&self.vm_id, Way::Acpi).await {
            tracing::warn!(vm = %self.vm_id, %error, "the power button could not be pressed");
        }
    }

    async fn reboot(&mut self, force: bool) -> Result<(), VmError> {
        let hypervisor = &self.world.hypervisor;
        if force {
            hypervisor.reset(&self.vm_id).await?;
        } else {
            let by_agent = self.passing.guest_agent && hypervisor.ask_reboot(&self.vm_id, Way::Agent).await.is_ok();
            if !by_agent {
                hypervisor.ask_reboot(&self.vm_id, Way::Acpi).await?;
            }
        }
        self.passing.rebooting = true;
        self.reboot_until = Some(tokio::time::Instant::now() + REBOOT);
        self.publish();
        Ok(())
    }

    async fn ticket(&mut self, kind: &str, password: &str, seconds: u32) -> Result<(), VmError> {
        if password.is_empty() || (kind == "vnc" && password.len() > VNC_PASSWORD) {
            return Err(VmError::Invalid(format!("a console password has 1 to {VNC_PASSWORD} characters")));
        }
        let xml = self.world.hypervisor.live_xml(&self.vm_id).await?;
        let until = time::OffsetDateTime::now_utc() + time::Duration::seconds(i64::from(seconds));
        let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
        let until = until.format(&format).map_err(|error| VmError::Failed(error.to_string()))?;
        let device = edit::console_password(&xml, kind, password, &until)
            .map_err(|error| VmError::Failed(error.to_string()))?
            .ok_or_else(|| VmError::Denied(format!("the VM has no {kind} screen")))?;
        self.world.hypervisor.update(&self.vm_id, &device).await?;
        Ok(())
    }
}

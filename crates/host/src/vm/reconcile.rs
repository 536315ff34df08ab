//! What follows from what libvirt shows. Pure and total: every event, every restart and every doubt ends here.

use crate::hypervisor::{Activity, Ending, Pause};
use crate::ledger::{ExitKind, Standing};

/// What is known when a VM is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Where it stood.
    pub standing: Standing,
    /// What libvirt shows; none where it does not run.
    pub activity: Option<Activity>,
    /// How it ended, where something said so.
    pub ending: Option<Ending>,
    /// The guest was asked to power off.
    pub asked_shutdown: bool,
    /// Our own task still waits for the migration's end.
    pub migrating: bool,
    /// libvirt shows a running job.
    pub job: bool,
    /// The domain was seen in this incoming migration.
    pub seen_arriving: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing changes but what is published.
    Stay,
    /// Its processors stand since a migration away whose end nobody saw: it runs here again, or not, when somebody says
    /// so who knows what became of it at the target.
    Doubt,
    /// It stands elsewhere now.
    Become(Standing),
    /// It ended.
    End(ExitKind),
}

/// Decides.
pub fn reconcile(sight: Sight) -> Next {
    match (sight.standing, sight.activity) {
        (Standing::Promised, Some(_)) => Next::Become(Standing::Running),
        (Standing::Promised, None) => Next::End(ExitKind::FailedToStart),
        (Standing::Running, Some(_)) => Next::Stay,
        (Standing::Running, None) => Next::End(exit(sight)),
        (Standing::Leaving, Some(_)) if sight.migrating || sight.job => Next::Stay,
        (Standing::Leaving, Some(Activity::Paused(Pause::Migration))) => Next::Doubt,
        (Standing::Leaving, Some(_)) => Next::Become(Standing::Running),
        // Without a word on how it ended the target knows the truth; saying "crashed" here could start it twice.
        (Standing::Leaving, None) => Next::End(sight.ending.map_or(ExitKind::Migrated, |_| exit(sight))),
        (Standing::Arriving, Some(Activity::Paused(Pause::Migration | Pause::Starting))) => Next::Stay,
        // What is being ended before it ran never had the guest, as where the source's libvirt went away: its end comes.
        (Standing::Arriving, Some(Activity::Ending)) => Next::Stay,
        (Standing::Arriving, Some(_)) => Next::Become(Standing::Running),
        (Standing::Arriving, None) if sight.seen_arriving || sight.ending.is_some() => Next::Become(Standing::Gone),
        (Standing::Arriving, None) => Next::Stay,
        // Halves of a migration again: one that was given up comes after all, one that was called over still stands. Neither
        // has the guest, for all that is known, and neither is said to run.
        (Standing::Gone, Some(Activity::Paused(Pause::Migration)))
        | (Standing::Down | Standing::Gone, Some(Activity::Paused(Pause::Starting))) => {
            Next::Become(Standing::Arriving)
        }
        (Standing::Down, Some(Activity::Paused(Pause::Migration))) => Next::Doubt,
        // It runs after all: the engine must know, whatever we said before.
        (Standing::Down | Standing::Gone, Some(Activity::Running | Activity::Paused(_))) => {
            Next::Become(Standing::Running)
        }
        (Standing::Down | Standing::Gone, _) => Next::Stay,
    }
}

fn exit(sight: Sight) -> ExitKind {
    match sight.ending {
        Some(Ending::Shutdown) if sight.asked_shutdown => ExitKind::ShutdownRequested,
        Some(Ending::Shutdown) => ExitKind::ShutdownByGuest,
        Some(Ending::Destroyed) => ExitKind::PoweredOff,
        Some(Ending::Crashed | Ending::Failed) => ExitKind::Crashed,
        Some(Ending::Migrated) => ExitKind::Migrated,
        None => ExitKind::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Sight = Sight {
        standing: Standing::Running,
        activity: None,
        ending: None,
        asked_shutdown: false,
        migrating: false,
        job: false,
        seen_arriving: false,
    };

    #[test]
    fn an_incoming_domain_does_not_run_until_it_runs() {
        let arriving = Sight { standing: Standing::Arriving, ..NOTHING };
        assert_eq!(reconcile(arriving), Next::Stay);
        let waits = Sight { activity: Some(Activity::Paused(Pause::Migration)), ..arriving };
        assert_eq!(reconcile(waits), Next::Stay);
        let runs = Sight { activity: Some(Activity::Running), ..arriving };
        assert_eq!(reconcile(runs), Next::Become(Standing::Running));
        let broken = Sight { activity: Some(Activity::Ending), ..arriving };
        assert_eq!(reconcile(broken), Next::Stay);
        let failed = Sight { seen_arriving: true, ..arriving };
        assert_eq!(reconcile(failed), Next::Become(Standing::Gone));
    }

    #[test]
    fn a_leaving_vm_that_vanished_unseen_is_never_called_crashed() {
        let leaving = Sight { standing: Standing::Leaving, ..NOTHING };
        assert_eq!(reconcile(leaving), Next::End(ExitKind::Migrated));
        let crashed = Sight { ending: Some(Ending::Crashed), ..leaving };
        assert_eq!(reconcile(crashed), Next::End(ExitKind::Crashed));
        let stays = Sight { activity: Some(Activity::Running), ..leaving };
        assert_eq!(reconcile(stays), Next::Become(Standing::Running));
        assert_eq!(reconcile(Sight { job: true, ..stays }), Next::Stay);
    }

    #[test]
    fn a_source_that_stands_after_its_migration_is_not_said_to_run() {
        let stands = Some(Activity::Paused(Pause::Migration));
        let leaving = Sight { standing: Standing::Leaving, activity: stands, ..NOTHING };
        assert_eq!(reconcile(leaving), Next::Doubt);
        assert_eq!(reconcile(Sight { job: true, ..leaving }), Next::Stay);
        assert_eq!(reconcile(Sight { migrating: true, ..leaving }), Next::Stay);
        assert_eq!(reconcile(Sight { activity: None, ..leaving }), Next::End(ExitKind::Migrated));
    }

    #[test]
    fn exits_say_who_did_it() {
        let end = |ending, asked_shutdown| reconcile(Sight { ending: Some(ending), asked_shutdown, ..NOTHING });
        assert_eq!(end(Ending::Shutdown, false), Next::End(ExitKind::ShutdownByGuest));
        assert_eq!(end(Ending::Shutdown, true), Next::End(ExitKind::ShutdownRequested));
        assert_eq!(end(Ending::Destroyed, false), Next::End(ExitKind::PoweredOff));
        assert_eq!(reconcile(NOTHING), Next::End(ExitKind::Lost));
    }

    #[test]
    fn a_half_of_a_migration_is_never_said_to_run() {
        use Standing::{Arriving, Down, Gone, Leaving};
        for pause in [Pause::Migration, Pause::Starting] {
            for standing in [Down, Gone, Arriving, Leaving] {
                let half = Sight { standing, activity: Some(Activity::Paused(pause)), ..NOTHING };
                let runs = reconcile(half) == Next::Become(Standing::Running);
                // What leaves and is paused for its start has not begun to leave.
                assert_eq!(runs, (standing, pause) == (Leaving, Pause::Starting), "{standing:?}, {pause:?}");
            }
        }
        let late = Sight { standing: Gone, activity: Some(Activity::Paused(Pause::Migration)), ..NOTHING };
        assert_eq!(reconcile(late), Next::Become(Arriving));
        assert_eq!(reconcile(Sight { standing: Down, ..late }), Next::Doubt);
    }

    #[test]
    fn what_runs_is_told_whatever_was_said_before() {
        for activity in [Activity::Running, Activity::Paused(Pause::User), Activity::Paused(Pause::IoError)] {
            let zombie = Sight { standing: Standing::Down, activity: Some(activity), ..NOTHING };
            assert_eq!(reconcile(zombie), Next::Become(Standing::Running));
            assert_eq!(reconcile(Sight { standing: Standing::Gone, ..zombie }), Next::Become(Standing::Running));
        }
    }
}

//! What may be asked of a VM when. Pure policy without any synchronisation of its own.

use crate::ledger::Standing;

/// What somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Run it here, anew.
    Start,
    /// Pull the plug.
    Stop,
    /// Ask the guest to power off.
    Shutdown,
    /// Ask the guest to reboot, or press reset.
    Reboot,
    /// Stop the processors.
    Pause,
    /// Let the processors run.
    Resume,
    /// Send it to another host.
    Migrate {
        /// The generation of the run that begins there.
        target_generation: u64,
    },
    /// Stop sending it.
    CancelMigration,
    /// Promise to take it from another host.
    Receive,
    /// Take that promise back.
    Abandon,
    /// Plug, unplug or change a device.
    Change,
    /// Let somebody see the screen.
    Ticket,
}

/// What becomes of an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is to be done.
    Do,
    /// It is so already.
    Already,
}

/// Why an ask is denied, in plain sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The command belongs to an older run.
    #[error("the command is of generation {asked}, and generation {known} is known here")]
    OlderGeneration {
        /// What was asked.
        asked: u64,
        /// What is known.
        known: u64,
    },
    /// The command belongs to a run that this host knows nothing of.
    #[error("the command is of generation {asked}; this host has generation {known}")]
    OtherGeneration {
        /// What was asked.
        asked: u64,
        /// What is known.
        known: u64,
    },
    /// It runs here under another generation.
    #[error("the VM runs here already, as generation {0}")]
    RunsAlready(u64),
    /// That run has ended; a new one needs a new generation.
    #[error("generation {0} of the VM has ended")]
    Ended(u64),
    /// It does not run here.
    #[error("the VM does not run here")]
    NotRunning,
    /// It is being made.
    #[error("the VM is being started")]
    Starting,
    /// It is on its way out.
    #[error("the VM is being migrated away")]
    Leaving,
    /// It is on its way in.
    #[error("the VM is being migrated to this host")]
    Arriving,
    /// It has come.
    #[error("the VM has arrived and runs here")]
    Arrived,
}

/// What is known of a VM when something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where it stands.
    pub standing: Standing,
    /// The highest generation seen.
    pub generation: u64,
    /// The generation of the run that a migration begins at its target.
    pub target_generation: Option<u64>,
    /// It was promised and never ran: the promise may be renewed.
    pub never_ran: bool,
    /// Its migration away ended and nobody here saw how: it stands until somebody who knows decides.
    pub undecided: bool,
}

/// Says whether something may be done. `None` stands for a VM that this host has never heard of.
pub fn admit(known: Option<Known>, generation: u64, ask: Ask) -> Result<Admission, Denial> {
    let Some(known) = known else {
        return match ask {
            Ask::Start | Ask::Receive => Ok(Admission::Do),
            Ask::Stop | Ask::CancelMigration | Ask::Abandon => Ok(Admission::Already),
            _ => Err(Denial::NotRunning),
        };
    };
    match ask {
        Ask::Start | Ask::Receive => admit_new(known, generation, ask),
        _ if generation < known.generation => {
            Err(Denial::OlderGeneration { asked: generation, known: known.generation })
        }
        _ if generation > known.generation && known.standing.is_alive() => {
            Err(Denial::OtherGeneration { asked: generation, known: known.generation })
        }
        _ => admit_known(known, ask),
    }
}

fn admit_new(known: Known, generation: u64, ask: Ask) -> Result<Admission, Denial> {
    if known.standing.is_alive() && generation != known.generation {
        return Err(Denial::RunsAlready(known.generation));
    }
    if generation < known.generation {
        return Err(Denial::OlderGeneration { asked: generation, known: known.generation });
    }
    let newer = generation > known.generation;
    match (known.standing, ask) {
        (Standing::Down | Standing::Gone, _) if newer || known.never_ran => Ok(Admission::Do),
        (Standing::Down | Standing::Gone, _) => Err(Denial::Ended(generation)),
        (Standing::Arriving, Ask::Receive)
        | (Standing::Promised | Standing::Running | Standing::Leaving, Ask::Start) => Ok(Admission::Already),
        _ => Err(Denial::RunsAlready(known.generation)),
    }
}

fn admit_known(known: Known, ask: Ask) -> Result<Admission, Denial> {
    use Standing::{Arriving, Down, Gone, Leaving, Promised, Running};
    match (known.standing, ask) {
        (Running, Ask::CancelMigration) => Ok(Admission::Already),
        (Running, Ask::Abandon) => Err(Denial::Arrived),
        (Running, _) => Ok(Admission::Do),
        (Leaving, Ask::Stop | Ask::CancelMigration | Ask::Ticket) => Ok(Admission::Do),
        (Leaving, Ask::Resume) if known.undecided => Ok(Admission::Do),
        (Leaving, Ask::Migrate { target_generation }) if known.target_generation == Some(target_generation) => {
            Ok(Admission::Already)
        }
        (Leaving, _) => Err(Denial::Leaving),
        (Arriving, Ask::Stop | Ask::Abandon) => Ok(Admission::Do),
        (Arriving, _) => Err(Denial::Arriving),
        (Promised, Ask::Stop) => Ok(Admission::Do),
        (Promised, _) => Err(Denial::Starting),
        (Down | Gone, Ask::Stop | Ask::CancelMigration | Ask::Abandon) => Ok(Admission::Already),
        (Down | Gone, Ask::Migrate { target_generation }) if known.target_generation == Some(target_generation) => {
            Ok(Admission::Already)
        }
        (Down | Gone, _) => Err(Denial::NotRunning),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn standing() -> impl Strategy<Value = Standing> {
        prop::sample::select(vec![
            Standing::Promised,
            Standing::Running,
            Standing::Leaving,
            Standing::Arriving,
            Standing::Down,
            Standing::Gone,
        ])
    }

    fn ask() -> impl Strategy<Value = Ask> {
        prop_oneof![
            prop::sample::select(vec![
                Ask::Start,
                Ask::Stop,
                Ask::Shutdown,
                Ask::Reboot,
                Ask::Pause,
                Ask::Resume,
                Ask::CancelMigration,
                Ask::Receive,
                Ask::Abandon,
                Ask::Change,
                Ask::Ticket,
            ]),
            (0..9_u64).prop_map(|target_generation| Ask::Migrate { target_generation }),
        ]
    }

    fn known() -> impl Strategy<Value = Known> {
        (standing(), 1..6_u64, prop::option::of(0..9_u64), any::<bool>(), any::<bool>()).prop_map(
            |(standing, generation, target_generation, never_ran, undecided)| Known {
                standing,
                generation,
                target_generation,
                never_ran,
                undecided: undecided && standing == Standing::Leaving,
            },
        )
    }

    proptest! {
        #[test]
        fn an_older_generation_changes_nothing(known in known(), ask in ask(), back in 1..6_u64) {
            let asked = known.generation.saturating_sub(back);
            prop_assume!(asked < known.generation);
            prop_assert_ne!(admit(Some(known), asked, ask), Ok(Admission::Do));
        }

        #[test]
        fn what_is_alive_is_never_started_or_received_again(known in known(), generation in 0..9_u64) {
            prop_assume!(known.standing.is_alive());
            for ask in [Ask::Start, Ask::Receive] {
                let admitted = admit(Some(known), generation, ask);
                prop_assert_ne!(admitted, Ok(Admission::Do));
                // Whoever asks learns that it is here, whichever run he knows of: he must not try another host.
                prop_assert!(matches!(admitted, Ok(Admission::Already) | Err(Denial::RunsAlready(_))));
            }
        }

        #[test]
        fn a_newer_generation_never_touches_what_runs(known in known(), ask in ask(), ahead in 1..6_u64) {
            prop_assume!(known.standing.is_alive());
            prop_assert!(admit(Some(known), known.generation + ahead, ask).is_err());
        }

        #[test]
        fn stopping_what_does_not_run_succeeds(known in known()) {
            prop_assume!(!known.standing.is_alive());
            prop_assert_eq!(admit(Some(known), known.generation, Ask::Stop), Ok(Admission::Already));
        }

        #[test]
        fn a_run_that_ended_is_not_started_again(mut known in known()) {
            prop_assume!(!known.standing.is_alive());
            known.never_ran = false;
            prop_assert_eq!(admit(Some(known), known.generation, Ask::Start), Err(Denial::Ended(known.generation)));
            prop_assert_eq!(admit(Some(known), known.generation + 1, Ask::Start), Ok(Admission::Do));
        }

        #[test]
        fn guests_are_asked_only_where_they_run(known in known()) {
            for ask in [Ask::Shutdown, Ask::Reboot, Ask::Pause, Ask::Change] {
                let admitted = admit(Some(known), known.generation, ask).is_ok();
                prop_assert_eq!(admitted, known.standing == Standing::Running);
            }
            let resumed = admit(Some(known), known.generation, Ask::Resume).is_ok();
            prop_assert_eq!(resumed, known.standing == Standing::Running || known.undecided);
        }
    }
}

//! Which job kinds there are: one line a kind.

use ferrovirt_model::ids::JobId;

use super::{Job, migrate_vm, power_vm, runner, start_vm, stop_vm};
use crate::core::Engine;

macro_rules! kinds {
    ($($job:path),* $(,)?) => {
        /// Turns a job of the kind that its row names. A kind that this engine does not know stays for one that does.
        pub(super) async fn drive(engine: &Engine, id: JobId, kind: &str, epoch: i64) {
            match kind {
                $(<$job as Job>::KIND => Box::pin(runner::drive::<$job>(engine, id, epoch)).await,)*
                _ => tracing::error!(job = %id, kind, "no engine code for this kind of job"),
            }
        }

        /// The kinds that this engine knows.
        pub const KINDS: &[&str] = &[$(<$job as Job>::KIND),*];
    };
}

kinds! {
    start_vm::StartVm,
    stop_vm::StopVm,
    power_vm::PowerVm,
    migrate_vm::MigrateVm,
}

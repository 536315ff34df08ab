//! Which job kinds there are: one line a kind.

use ferrovirt_model::ids::JobId;

use super::plug_device;
use super::{
    Job, activate_storage_domain, add_disk, copy_disk, create_storage_domain, deactivate_storage_domain, extend_disk,
    remove_vm,
};
use super::{
    maintain_host, migrate_vm, power_vm, remove_disk, remove_storage_domain, runner, start_vm, stop_vm, transfer_image,
};
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
    super::create_template::CreateTemplate,
    super::create_vm_from_template::CreateVmFromTemplate,
    super::remove_template::RemoveTemplate,
    maintain_host::MaintainHost,
    start_vm::StartVm,
    add_disk::AddDisk,
    remove_disk::RemoveDisk,
    extend_disk::ExtendDisk,
    copy_disk::CopyDisk,
    create_storage_domain::CreateStorageDomain,
    activate_storage_domain::ActivateStorageDomain,
    deactivate_storage_domain::DeactivateStorageDomain,
    remove_storage_domain::RemoveStorageDomain,
    transfer_image::TransferImage,
    stop_vm::StopVm,
    power_vm::PowerVm,
    migrate_vm::MigrateVm,
    remove_vm::RemoveVm,
    plug_device::PlugDevice,
}

//! Disk profiles, alone and of their storage domain.

use ferrovirt_engine::reading::storage::DiskProfile;
use ferrovirt_model::ids::{DiskProfileId, StorageDomainId};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::{decorate, filled};

pub(super) fn register(r: &mut Registry) {
    r.on("DiskProfilesService", "list", list);
    r.on("DiskProfileService", "get", get);
    r.on("AssignedDiskProfilesService", "list", list_of_domain);
    r.on("AssignedDiskProfileService", "get", get_of_domain);
}

/// The document of a disk profile.
pub(crate) fn to_wire(hrefs: &Hrefs, profile: &DiskProfile) -> types::DiskProfile {
    let domain = links::reference(hrefs.of("storagedomains", profile.domain), profile.domain);
    let mut shown = types::DiskProfile {
        name: Some(profile.name.clone()),
        description: filled(&profile.description),
        storage_domain: Some(Box::new(domain)),
        ..Default::default()
    };
    decorate("DiskProfileService", &hrefs.of("diskprofiles", profile.id), profile.id, &mut shown);
    shown
}

async fn list(call: Call) -> Answer {
    let found = call.engine().disk_profiles(&call.caller, None).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    let id: DiskProfileId = call.id("disk_profile")?;
    let found = call.engine().disk_profile(&call.caller, id).await?;
    one(&call, to_wire(&call.hrefs, &found)).await
}

async fn list_of_domain(call: Call) -> Answer {
    let id: StorageDomainId = call.id("storage_domain")?;
    call.engine().storage_domain(&call.caller, id).await?;
    let found = call.engine().disk_profiles(&call.caller, Some(id)).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get_of_domain(call: Call) -> Answer {
    let (domain, id): (StorageDomainId, DiskProfileId) = (call.id("storage_domain")?, call.id("profile")?);
    let found = call.engine().disk_profile(&call.caller, id).await?;
    if found.domain != domain {
        return Err(Fault::no_such("DiskProfile", &id.to_string()));
    }
    one(&call, to_wire(&call.hrefs, &found)).await
}

//! Guest operating systems.

use ferrovirt_model::catalogue::operating_systems::{self, OperatingSystem, Tpm};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::{decorate, word};

pub(super) fn register(r: &mut Registry) {
    r.on("OperatingSystemsService", "list", list);
    r.on("OperatingSystemService", "get", get);
}

async fn list(call: Call) -> Answer {
    let shown: types::List<types::OperatingSystemInfo> =
        operating_systems::all().iter().map(|one| to_wire(&call.hrefs, one)).collect();
    Ok(Reply::ok(shown))
}

async fn get(call: Call) -> Answer {
    let id: u32 = call.id("operating_system")?;
    let found = operating_systems::by_id(id).ok_or_else(|| Fault::no_such("OperatingSystem", &id.to_string()))?;
    Ok(Reply::ok(to_wire(&call.hrefs, found)))
}

fn to_wire(hrefs: &Hrefs, from: &OperatingSystem) -> types::OperatingSystemInfo {
    let mut one = types::OperatingSystemInfo {
        name: Some(from.name.to_owned()),
        description: Some(from.display_name.to_owned()),
        architecture: word(from.architecture.as_str()),
        tpm_support: Some(match from.tpm {
            Tpm::Unsupported => types::TpmSupport::Unsupported,
            Tpm::Supported => types::TpmSupport::Supported,
            Tpm::Required => types::TpmSupport::Required,
        }),
        ..Default::default()
    };
    decorate("OperatingSystemService", &hrefs.of("operatingsystems", from.id), from.id, &mut one);
    one
}

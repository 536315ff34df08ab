//! System options, by name and, where asked, by version.

use ferrovirt_model::catalogue::system_options::{self, Access};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::decorate;

pub(super) fn register(r: &mut Registry) {
    r.on("SystemOptionService", "get", get);
}

async fn get(call: Call) -> Answer {
    let name = call.text_id("option")?;
    let option = system_options::named(name).ok_or_else(|| Fault::no_such("SystemOption", name))?;
    if option.access == Access::Administrators && !call.caller.session.administrator {
        return Err(Fault::no_such("SystemOption", name));
    }
    let own = call.engine().option_values(option.name).await?;
    let version = call.params.filled("version");
    let values = option.values().into_iter().map(|(version, value)| (version.into_owned(), value.into_owned()));
    let values = values
        .filter(|(of, _)| version.is_none_or(|version| of == version))
        .map(|(of, shipped)| {
            let changed = own.iter().find(|(version, _)| *version == of).map(|(_, value)| value.clone());
            types::SystemOptionValue { value: Some(changed.unwrap_or(shipped)), version: Some(of) }
        })
        .collect();
    let mut one =
        types::SystemOption { name: Some(option.name.to_owned()), values: Some(values), ..Default::default() };
    decorate("SystemOptionService", &call.hrefs.of("options", option.name), option.name, &mut one);
    Ok(Reply::ok(one))
}

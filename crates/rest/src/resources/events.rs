//! The event log: to read, to write into from outside, and to hide what was read.

use ferrovirt_engine::actions::event::{Add, Remove, Restore};
use ferrovirt_model::event::{LogEntry, Severity};
use ferrovirt_wire::types;

use super::owners;
use super::related::{many, one};
use super::shared;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("EventsService", "list", list);
    r.on("EventsService", "add", add);
    r.on("EventsService", "undelete", undelete);
    r.on("EventService", "get", get);
    r.on("EventService", "remove", remove);
}

async fn list(call: Call) -> Answer {
    let entries = call.engine().list_events(&call.caller, &call.list_query()?).await?;
    many(&call, entries.iter().map(|entry| document(&call.hrefs, entry)).collect()).await
}

async fn get(call: Call) -> Answer {
    let entry = call.engine().event(&call.caller, call.id("event")?).await?;
    one(&call, document(&call.hrefs, &entry)).await
}

async fn add(call: Call) -> Answer {
    let body: types::Event = call.body()?;
    let complete = body.description.is_some() && body.origin.is_some() && body.severity.is_some();
    call.require("Event", "description, severity, origin, customId", complete && body.custom_id.is_some())?;
    let about = owners::named_in(
        body.vm.as_deref(),
        body.host.as_deref(),
        body.template.as_deref(),
        body.cluster.as_deref(),
        body.data_center.as_deref(),
        body.storage_domain.as_deref(),
    )?;
    let severity = body.severity.and_then(|severity| Severity::parse(&severity.to_string()));
    let add = Add {
        message: body.description.unwrap_or_default(),
        severity: severity.unwrap_or(Severity::Normal),
        origin: body.origin.unwrap_or_default(),
        custom_id: small("custom_id", body.custom_id.unwrap_or_default())?,
        flood_rate: body.flood_rate.map(|seconds| small("flood_rate", seconds)).transpose()?,
        custom_data: body.custom_data,
        about,
    };
    let entry = call.engine().add_event(&call.caller, add).await?;
    Ok(Reply::created(call.item_href(entry.id), document(&call.hrefs, &entry)))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove { event: call.id("event")? }).await?;
    Ok(Reply::removed())
}

async fn undelete(call: Call) -> Answer {
    call.action()?;
    call.engine().act(&call.caller, Restore).await?;
    Ok(Reply::action(types::Action::default()))
}

fn small(name: &str, value: i64) -> Result<i32, Fault> {
    i32::try_from(value).map_err(|_| Fault::bad_parameter(name, &value.to_string(), "a number of 32 bits"))
}

fn document(hrefs: &Hrefs, entry: &LogEntry) -> types::Event {
    let about = &entry.about;
    let mut document = types::Event {
        description: Some(entry.message.clone()),
        code: Some(entry.code.into()),
        correlation_id: shared::filled(&entry.correlation_id),
        custom_data: entry.custom_data.clone(),
        custom_id: Some(entry.custom_id.map_or(-1, i64::from)),
        flood_rate: Some(entry.flood_rate.map_or(30, i64::from)),
        index: Some(entry.id),
        origin: Some(entry.origin.clone()),
        severity: shared::word(entry.severity.as_str()),
        time: Some(types::Timestamp(entry.at)),
        cluster: about.cluster.as_ref().map(|(id, name)| named(hrefs, "clusters", id, name)),
        data_center: about.data_center.as_ref().map(|(id, name)| named(hrefs, "datacenters", id, name)),
        host: about.host.as_ref().map(|(id, name)| named(hrefs, "hosts", id, name)),
        storage_domain: about.storage_domain.as_ref().map(|(id, name)| named(hrefs, "storagedomains", id, name)),
        template: about.template.as_ref().map(|(id, name)| named(hrefs, "templates", id, name)),
        user: about.user.as_ref().map(|(id, name)| named(hrefs, "users", id, name)),
        vm: about.vm.as_ref().map(|(id, name)| named(hrefs, "vms", id, name)),
        ..Default::default()
    };
    shared::decorate("EventService", &hrefs.of("events", entry.id), entry.id, &mut document);
    document
}

/// A reference with the name that the object had then: it may be gone, and readers want to know what it was.
fn named<T: Named>(hrefs: &Hrefs, collection: &str, id: impl std::fmt::Display, name: &str) -> Box<T> {
    let mut reference: T = links::reference(hrefs.of(collection, &id), &id);
    reference.name(name);
    Box::new(reference)
}

trait Named: links::Entity {
    fn name(&mut self, name: &str);
}

macro_rules! named {
    ($($entity:ident)*) => {$(
        impl Named for types::$entity {
            fn name(&mut self, name: &str) {
                self.name = Some(name.to_owned());
            }
        }
    )*};
}

named! { Cluster DataCenter Host StorageDomain Template User Vm }

#[cfg(test)]
mod tests {
    use ferrovirt_model::event::About;
    use ferrovirt_model::ids::VmId;
    use ferrovirt_wire::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_entry_names_what_it_is_about() {
        let about = About { vm: Some((VmId(Uuid::nil()), "web".to_owned())), ..About::default() };
        let entry = LogEntry {
            id: 7,
            code: 32,
            severity: Severity::Normal,
            message: "VM web started.".to_owned(),
            at: 1000,
            correlation_id: String::new(),
            origin: "oVirt".to_owned(),
            custom_id: None,
            flood_rate: None,
            custom_data: None,
            about,
        };
        let document = document(&Hrefs::new("/ovirt-engine/api"), &entry);
        let text: serde_json::Value = serde_json::from_slice(&json::to_vec(&document).unwrap()).unwrap();
        assert_eq!((&text["id"], &text["code"], &text["severity"]), (&"7".into(), &"32".into(), &"normal".into()));
        assert_eq!(text["vm"]["name"], "web");
        assert_eq!(text["href"], "/ovirt-engine/api/events/7");
        assert!(text.get("host").is_none() && text.get("correlation_id").is_none());
    }
}

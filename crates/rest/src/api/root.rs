//! The root document: links to everything, product, well-known objects, summary, who asks. And the descriptions of the
//! API that are served beside it.

use std::sync::Arc;

use ferrovirt_wire::root::LINKS;
use ferrovirt_wire::schema;
use ferrovirt_wire::types::{
    Api, ApiSummary, ApiSummaryItem, EngineBackupInfo, Link, ProductInfo, SpecialObjects, Tag, Template, Timestamp,
    User, Version,
};
use http::HeaderValue;
use serde_json::Value;
use time::OffsetDateTime;

use super::fault::Fault;
use super::hrefs::Hrefs;
use super::links;
use super::params::Params;
use super::registry::Registry;
use super::reply::Reply;
use crate::door::{Count, Session};
use crate::web::Web;

/// The name that clients test for.
const PRODUCT: &str = "oVirt Engine";
const VENDOR: &str = "ovirt.org";
/// The version of the API that is served, as clients compare it: engine 4.5.
const SERVED: (i64, i64) = (4, 5);
/// The Blank template and the root tag.
const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// `GET /api`, and `GET /api?schema`.
pub(crate) async fn answer(web: &Arc<Web>, session: &Session, base: &str, params: &Params) -> Result<Reply, Fault> {
    if params.text("schema").is_some() {
        return Ok(Reply::attachment("application/xml", "ovirt-engine-api-schema.xsd", schema::xsd()));
    }
    if params.text("rsdl").is_some() {
        return Err(Fault::not_served("api?rsdl"));
    }
    let hrefs = Hrefs::new(base);
    let mut user = Box::new(links::reference::<User>(hrefs.of("users", session.user), session.user));
    user.user_name = Some(session.principal.clone());
    let summary = if session.administrator { Some(summary(web, session).await?) } else { None };
    Ok(Reply::ok(Api {
        link: link_list(base),
        // No backup was ever told to the engine, so it knows no time of one.
        engine_backup: session.administrator.then(EngineBackupInfo::default),
        product_info: Some(product(web)),
        special_objects: Some(SpecialObjects {
            blank_template: Some(Box::new(links::reference::<Template>(hrefs.of("templates", NIL), NIL))),
            root_tag: Some(Box::new(links::reference::<Tag>(hrefs.of("tags", NIL), NIL))),
        }),
        summary,
        time: Some(Timestamp::from_offset_date_time(OffsetDateTime::now_utc())),
        authenticated_user: Some(user.clone()),
        effective_user: Some(user),
        ..Default::default()
    }))
}

fn link_list(base: &str) -> Vec<Link> {
    LINKS.iter().map(|link| Link::new(link.rel, format!("{base}{}", link.href_suffix))).collect()
}

/// The `Link` header: the same links, comma separated.
pub(crate) fn link_header(base: &str) -> Option<HeaderValue> {
    let links: Vec<String> =
        LINKS.iter().map(|link| format!("<{base}{}>; rel=\"{}\"", link.href_suffix, link.rel)).collect();
    HeaderValue::try_from(links.join(",")).ok()
}

fn product(web: &Web) -> ProductInfo {
    let (major, minor) = SERVED;
    ProductInfo {
        instance_id: Some(web.door.instance_id().to_string()),
        name: Some(PRODUCT.to_owned()),
        vendor: Some(VENDOR.to_owned()),
        version: Some(Box::new(Version {
            build: Some(0),
            full_version: Some(format!("{major}.{minor}.0-ferrovirt-{}", env!("CARGO_PKG_VERSION"))),
            major: Some(major),
            minor: Some(minor),
            revision: Some(0),
            ..Default::default()
        })),
    }
}

async fn summary(web: &Web, session: &Session) -> Result<ApiSummary, Fault> {
    let figures = web.door.summary(session).await?;
    let item = |count: Count| Some(ApiSummaryItem { active: Some(count.active), total: Some(count.total) });
    Ok(ApiSummary {
        hosts: item(figures.hosts),
        storage_domains: item(figures.storage_domains),
        users: item(figures.users),
        vms: item(figures.vms),
    })
}

/// Marks the operations that this server does not serve: the description is of the whole API.
fn mark(document: &mut Value, registry: &Registry) {
    let items = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let name = operation["summary"].as_str().map(str::to_owned);
        if name.is_some_and(|name| !registry.serves(&name)) {
            operation["x-ferrovirt-served"] = Value::Bool(false);
        }
    }
}

/// The OpenAPI description of this server.
pub(crate) fn openapi(web: &Web) -> Result<Reply, Fault> {
    let mut document = schema::openapi(&format!("{}{}", web.config.origin(), super::address::ROOT));
    mark(&mut document, &web.registry);
    let text = serde_json::to_vec(&document);
    let bytes = text.map_err(|error| {
        tracing::error!(%error, "the OpenAPI description could not be written");
        Fault::internal()
    })?;
    Ok(Reply::raw("application/json", bytes))
}

//! Writes `tree/<area>.rs` and `tree/parameters.rs` from the tables of operations and locators.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use anyhow::{Context, Result};

use super::{
    names::{service_name, snake},
    parameters::{Parameters, plain_type},
};
use crate::tables::{self, Row};

const AREAS: [(&str, &str, &str); 9] = [
    ("Gluster", "gluster", "Gluster volumes, bricks and hooks."),
    ("Host", "host", "Hosts and all that hangs on one."),
    ("Infrastructure", "infrastructure", "Users, jobs, events and the system itself."),
    ("Network", "network", "Networks, vNIC profiles and network providers."),
    ("SLA", "policy", "Affinity, quotas, quality of service and scheduling."),
    ("Disk", "disk", "Disks, images and their transfer."),
    ("Storage", "storage", "Storage domains and connections."),
    ("Virtualization", "virtualization", "Virtual machines, templates and pools."),
    ("", "common", "Services that several areas share."),
];

#[derive(Default)]
struct Service<'t> {
    operations: Vec<&'t Row>,
    locators: Vec<&'t Row>,
}

impl Service<'_> {
    /// The model's area, with the two largest ones halved by name.
    fn area(&self, name: &str) -> &str {
        let area = self.operations.iter().map(|row| row.get("area")).find(|area| !area.is_empty()).unwrap_or_default();
        match area {
            "Infrastructure" if name.contains("Host") || name.contains("Agent") => "Host",
            "Storage" if name.contains("Disk") || name.contains("Image") => "Disk",
            _ => area,
        }
    }
}

/// Every file, as its name and text.
pub(super) fn render(tables: &Path) -> Result<Vec<(String, String)>> {
    let operations = tables::read(&tables.join("operations.tsv"))?;
    let locators = tables::read(&tables.join("service_tree.tsv"))?;
    let mut services: BTreeMap<&str, Service<'_>> = BTreeMap::new();
    for row in &operations {
        services.entry(row.get("service")).or_default().operations.push(row);
    }
    for row in &locators {
        services.entry(row.get("service")).or_default().locators.push(row);
        services.entry(row.get("child_service")).or_default();
    }
    let mut parameters = Parameters::default();
    let mut files = Vec::new();
    for (area, module, about) in AREAS {
        let mut text = format!("//! {about} Which operations exist, not what they do.\n\nuse super::*;\n\n");
        let here: BTreeSet<&str> =
            services.iter().filter(|(name, service)| service.area(name) == area).map(|(name, _)| *name).collect();
        for name in &here {
            let service = services.get(name).context("a service that was there")?;
            text.push_str(&render_service(name, service, &mut parameters)?);
        }
        let names: Vec<String> = here.iter().map(|name| format!("&{}", service_name(name))).collect();
        writeln!(text, "/// Every service of this file.")?;
        writeln!(text, "pub(super) static SERVICES: &[&Service] = &[{}];", names.join(", "))?;
        files.push((format!("tree/{module}.rs"), text));
    }
    files.push(("tree/parameters.rs".to_owned(), parameters.render()?));
    Ok(files)
}

fn render_service(name: &str, service: &Service<'_>, parameters: &mut Parameters) -> Result<String> {
    let mut text = format!("pub(super) static {}: Service = Service {{ name: \"{name}\",\n", service_name(name));
    text.push_str("locators: &[");
    for row in &service.locators {
        let child = service_name(row.get("child_service"));
        if row.flag("by_id") {
            let parameter = row.get("segment").trim_matches(['{', '}']);
            write!(text, "Locator::id(\"{parameter}\", &{child}),")?;
        } else if row.get("segment") == row.get("locator").replace('_', "") {
            write!(text, "Locator::segment(\"{}\", \"{}\", &{child}),", row.get("locator"), row.get("segment"))?;
        } else {
            anyhow::bail!("{name}: segment {} is not its locator's name", row.get("segment"));
        }
    }
    text.push_str("],\noperations: &[\n");
    for row in &service.operations {
        text.push_str(&render_operation(row, parameters)?);
        text.push_str(",\n");
    }
    text.push_str("] };\n\n");
    Ok(text)
}

fn render_operation(row: &Row, parameters: &mut Parameters) -> Result<String> {
    let method = row.get("method");
    let mut text = match (row.get("http"), row.get("action")) {
        ("POST", action) if !action.is_empty() => format!("Operation::action(\"{method}\", \"{action}\")"),
        (verb, _) => format!("Operation::{}(\"{method}\")", snake(&verb.to_lowercase())),
    };
    let is_action = !row.get("action").is_empty();
    let (request, response) = (row.get("request_body"), row.get("response"));
    if is_action {
        anyhow::ensure!((request, response) == ("Action", "Action"), "{method} is an action without Action");
    } else {
        if !request.is_empty() {
            write!(text, ".takes(\"{}\")", plain_type(request).0)?;
        }
        match plain_type(response) {
            ("", _) => {}
            (of, true) => write!(text, ".gives_many(\"{of}\")")?,
            (of, false) => write!(text, ".gives(\"{of}\")")?,
        }
    }
    for (column, call) in [("query_params", "query"), ("action_params", "parameters"), ("action_results", "results")] {
        let constants: Vec<String> = row.list(column).map(|spelled| parameters.constant(spelled)).collect();
        if !constants.is_empty() {
            write!(text, ".{call}(&[{}])", constants.join(", "))?;
        }
    }
    let mandatory: Vec<String> = row.list("mandatory_inputs").map(|input| format!("\"{input}\"")).collect();
    if !mandatory.is_empty() {
        write!(text, ".mandatory(&[{}])", mandatory.join(", "))?;
    }
    if !row.get("variant_of").is_empty() {
        write!(text, ".variant_of(\"{}\")", row.get("variant_of"))?;
    }
    if row.flag("deprecated") {
        text.push_str(".deprecated()");
    }
    match row.get("priority") {
        "A" => {}
        "B" | "C" => write!(text, ".priority(Priority::{})", row.get("priority"))?,
        _ => text.push_str(".unmounted()"),
    }
    Ok(text)
}

//! Writes `types/<area>.rs` and the list of all elements from the tables of types and enums.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write,
    path::Path,
};

use anyhow::{Context, Result, bail};

use super::names::{field_name, type_name, variant_name};
use crate::tables::{self, Row};

/// Area, model name and description of each type, one a line.
const TYPES: &str = include_str!("types.txt");

/// What opens each file.
const AREAS: [(&str, &str); 19] = [
    ("action", "What actions take and answer, and the fault."),
    ("base", "Small types that every area uses."),
    ("cluster", "Data centres and clusters, and how their VMs migrate and their hosts are fenced."),
    ("disk", "Disks, images and their transfer."),
    ("gluster", "Gluster volumes, bricks and hooks."),
    ("host", "Hosts, their hardware and power management."),
    ("host_network", "Networks as they stand on hosts."),
    ("initialization", "What the first boot of a guest sets up."),
    ("jobs", "Jobs, events and statistics."),
    ("network", "Logical networks, NICs and vNIC profiles."),
    ("providers", "Outside providers of hosts, networks, images and volumes."),
    ("registration", "How names map when a VM or template is registered from storage."),
    ("scheduling", "Scheduling policies, affinity and quotas."),
    ("storage", "Storage domains and connections."),
    ("system", "The root document and what belongs to no other area."),
    ("template", "Templates and instance types."),
    ("users", "Users, groups, roles and permissions."),
    ("vm", "The virtual machine."),
    ("vm_hardware", "Hardware of virtual machines."),
];
const MORE_AREAS: [(&str, &str); 2] =
    [("vm_pool", "Pools of virtual machines."), ("vm_state", "What runs inside a VM, its snapshots and backups.")];

/// Areas of the enums that no field uses.
const UNUSED_ENUMS: [(&str, &str); 11] = [
    ("AccessProtocol", "gluster"),
    ("CreationStatus", "jobs"),
    ("DiskType", "disk"),
    ("EntityExternalStatus", "host"),
    ("FenceType", "host"),
    ("GlusterState", "gluster"),
    ("HookStatus", "gluster"),
    ("OsType", "vm_hardware"),
    ("PayloadEncoding", "initialization"),
    ("ResolutionType", "gluster"),
    ("RoleType", "users"),
];

/// Lists of plain values: where they stand and the struct that holds them.
pub(super) const PLAIN_LISTS: [(&str, &str, &str); 8] = [
    ("action", "iscsi_targets", "IscsiTargets"),
    ("boot", "devices", "BootDevices"),
    ("cluster", "required_rng_sources", "RequiredRngSources"),
    ("dns_resolver_configuration", "name_servers", "NameServers"),
    ("gluster_volume", "transport_types", "TransportTypes"),
    ("hardware_information", "supported_rng_sources", "SupportedRngSources"),
    ("network", "usages", "NetworkUsages"),
    ("openstack_subnet", "dns_servers", "DnsServers"),
];

struct Type<'t> {
    model: &'t str,
    area: &'t str,
    description: &'t str,
    fields: Vec<&'t Row>,
}

impl Type<'_> {
    /// Entities have an address; plain values have none.
    fn is_identified(&self) -> bool {
        self.fields.iter().any(|row| row.get("field") == "href")
    }

    fn row(&self) -> &Row {
        self.fields[0]
    }
}

/// Every file, as its name and text.
pub(super) fn render(tables: &Path) -> Result<Vec<(String, String)>> {
    let rows = tables::read(&tables.join("types.tsv"))?;
    let enums = tables::read(&tables.join("enums.tsv"))?;
    let types = collect(&rows)?;
    let identified = types.iter().filter(|one| one.is_identified()).map(|one| one.model).collect();
    let mut files = vec![("types/elements.rs".to_owned(), elements(&types))];
    let mut areas: BTreeMap<&str, String> = BTreeMap::new();
    for one in &types {
        let text = structure(one, &identified)?;
        areas.entry(one.area).or_default().push_str(&text);
    }
    for (area, text) in words(&types, &enums)? {
        areas.entry(area).or_default().push_str(&text);
    }
    let about: HashMap<_, _> = AREAS.iter().chain(&MORE_AREAS).copied().collect();
    for (area, text) in areas {
        let about = about.get(area).with_context(|| format!("area {area} has no description"))?;
        let head =
            format!("//! {about} Plain types of the wire: no rule of any format stands here.\n\n{}", uses(&text));
        files.push((format!("types/{area}.rs"), head + &text));
    }
    Ok(files)
}

fn uses(text: &str) -> String {
    let mut uses = String::new();
    if text.contains("Serialize") {
        uses.push_str("use serde::{Deserialize, Serialize};\n\n");
    }
    if text.contains("words! {") {
        uses.push_str("use crate::word::words;\n");
    }
    if text.contains("pub struct") {
        uses.push_str("use super::*;\n\n");
    }
    uses
}

fn collect(rows: &[Row]) -> Result<Vec<Type<'_>>> {
    let mut fields: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in rows {
        fields.entry(row.get("python_class")).or_default().push(row);
    }
    let mut types = Vec::new();
    for line in TYPES.lines() {
        let mut parts = line.splitn(3, '|');
        let (Some(area), Some(model), Some(description)) = (parts.next(), parts.next(), parts.next()) else {
            bail!("types.txt: {line}");
        };
        let mut fields = fields.remove(model).with_context(|| format!("no table rows for {model}"))?;
        fields.sort_by_key(|row| row.get("order").parse::<u32>().unwrap_or(u32::MAX));
        types.push(Type { model, area, description, fields });
    }
    if let Some(model) = fields.keys().next() {
        bail!("types.txt does not place {model}");
    }
    Ok(types)
}

fn structure(one: &Type<'_>, identified: &BTreeSet<&str>) -> Result<String> {
    let mut text =
        format!("/// {}\n#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]\n", one.description);
    let name = type_name(one.model);
    if name != one.model {
        writeln!(text, "#[serde(rename = \"{}\")]", one.model)?;
    }
    writeln!(text, "pub struct {name} {{")?;
    let fields: Vec<&str> = one.fields.iter().map(|row| row.get("field")).collect();
    let last_of = |names: &[&str]| fields.iter().rposition(|field| names.contains(field));
    let actions_after = last_of(&["href", "id"]);
    let links_after = last_of(&["href", "id", "name", "description", "comment"]);
    for (index, row) in one.fields.iter().enumerate() {
        let attribute = ["href", "id", "rel"].contains(&row.get("field"));
        if attribute != (row.get("where") == "attribute") {
            bail!("{}.{}: the pens know attributes by name", one.model, row.get("field"));
        }
        writeln!(text, "    pub {}: Option<{}>,", field_name(row.get("field")), value(row, identified)?)?;
        if one.is_identified() && Some(index) == actions_after {
            text.push_str("    pub actions: Option<Actions>,\n");
        }
        if one.is_identified() && Some(index) == links_after {
            text.push_str(
                "    pub creation_status: Option<CreationStatus>,\n    #[serde(default)]\n    pub link: Vec<Link>,\n",
            );
        }
    }
    text.push_str("}\n\n");
    Ok(text)
}

fn value(row: &Row, identified: &BTreeSet<&str>) -> Result<String> {
    let of = row.get("value_type");
    let plain = match of {
        "string" => Some("String"),
        "boolean" => Some("bool"),
        "integer" => Some("i64"),
        "decimal" => Some("f64"),
        "date" => Some("Timestamp"),
        _ => of.strip_prefix("enum:"),
    };
    let (owner, field) = (row.get("type"), row.get("field"));
    Ok(match (plain, row.flag("list")) {
        (Some(plain), false) => plain.to_owned(),
        (Some(_), true) => {
            let list = PLAIN_LISTS.iter().find(|(of, name, _)| (*of, *name) == (owner, field));
            list.with_context(|| format!("{owner}.{field}: a list of plain values without a struct"))?.2.to_owned()
        }
        (None, true) => format!("List<{}>", type_name(of)),
        (None, false) if identified.contains(of) => format!("Box<{}>", type_name(of)),
        (None, false) => type_name(of).to_owned(),
    })
}

fn words<'t>(types: &[Type<'t>], enums: &'t [Row]) -> Result<Vec<(&'t str, String)>> {
    let mut used: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    for one in types {
        for row in &one.fields {
            if let Some(word) = row.get("value_type").strip_prefix("enum:") {
                let place = used.entry(word).or_insert_with(|| (one.area, Vec::new()));
                place.1.push(format!("`{}.{}`", one.row().get("type"), row.get("field")));
            }
        }
    }
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in enums {
        values.entry(row.get("enum")).or_default().push(row.get("value"));
    }
    let mut texts = Vec::new();
    for (name, words) in values {
        let unused = UNUSED_ENUMS.iter().find(|(of, _)| *of == name).map(|(_, area)| *area);
        let (area, places) = match used.remove(name) {
            Some((area, mut places)) => {
                places.truncate(3);
                (area, format!("What {} may say.", places.join(", ")))
            }
            None => (
                unused.with_context(|| format!("enum {name} has no area"))?,
                "Declared by the API for values that travel as plain text.".to_owned(),
            ),
        };
        let mut text = format!("words! {{\n    /// {places}\n    {name} {{\n");
        for word in words {
            writeln!(text, "        {} = \"{word}\",", variant_name(word))?;
        }
        text.push_str("    }\n}\n\n");
        texts.push((area, text));
    }
    Ok(texts)
}

fn elements(types: &[Type<'_>]) -> String {
    let mut text = String::from(
        "//! The tag of every type, alone and in a collection: the element names that clients accept as a document.\n\n\
         use super::*;\nuse crate::element::elements;\n\nelements! {\n",
    );
    for one in types {
        let (tag, plural) = (one.row().get("type"), one.row().get("plural"));
        text.push_str(&format!("    {} = \"{tag}\" in \"{plural}\",\n", type_name(one.model)));
    }
    text.push_str("}\n");
    text
}

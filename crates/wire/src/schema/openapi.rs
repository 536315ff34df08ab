//! The OpenAPI 3.1 document of the API: paths from the service tree, schemas from the types, in their JSON form.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::{Kind, Record, Schema};
use crate::{
    tree::{self, Operation, Parameter, Service, TypeName, Verb},
    xml::ATTRIBUTES,
};

/// The document for an API that is reached at `server_url` (`https://engine.example/ovirt-engine/api`).
pub fn openapi(server_url: &str) -> Value {
    let schema = Schema::of_api();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "oVirt API",
            "version": "4.5",
            "description": "Management of virtual machines and all they need. Integers and booleans travel as strings in JSON.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server_url}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": paths(&schema),
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "responses": {
                "Fault": {"description": "Refused; the fault says why.", "content": content(&reference("Fault"))},
            },
            "schemas": schemas(&schema),
        },
    })
}

fn paths(schema: &Schema) -> Value {
    let mut paths = Map::new();
    for (path, service) in tree::paths() {
        let (path, ids) = unique_ids(&path);
        let mut add = |path: &str, action| {
            let mut item = operations(schema, path, service, action);
            if !item.is_empty() {
                if !ids.is_empty() {
                    let id = |id| json!({"name": id, "in": "path", "required": true, "schema": text()});
                    item.insert("parameters".to_owned(), ids.iter().map(id).collect());
                }
                paths.insert(path.to_owned(), Value::Object(item));
            }
        };
        add(&path, None);
        for action in service.actions() {
            add(&format!("{}/{action}", path.trim_end_matches('/')), Some(action));
        }
    }
    Value::Object(paths)
}

/// OpenAPI wants each id of a path to have its own name.
fn unique_ids(path: &str) -> (String, Vec<String>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut ids = Vec::new();
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => {
                let count = seen.entry(name).or_default();
                *count += 1;
                let unique = if *count == 1 { name.to_owned() } else { format!("{name}{count}") };
                segments.push(format!("{{{unique}}}"));
                ids.push(unique);
            }
            None => segments.push(segment.to_owned()),
        }
    }
    (segments.join("/"), ids)
}

fn operations(schema: &Schema, path: &str, service: &Service, action: Option<&str>) -> Map<String, Value> {
    let mut item = Map::new();
    for verb in [Verb::Get, Verb::Post, Verb::Put, Verb::Delete] {
        let mut operations = service.operations_for(verb, action);
        if let Some(main) = operations.next() {
            let variants: Vec<&Operation> = operations.collect();
            item.insert(verb.as_str().to_lowercase(), operation(schema, path, service, main, &variants));
        }
    }
    item
}

fn operation(schema: &Schema, path: &str, service: &Service, main: &Operation, variants: &[&Operation]) -> Value {
    let slug: String = path.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_')).collect();
    let mut value = json!({
        "operationId": format!("{}{}", main.method, slug.replace('/', "_")),
        "summary": format!("{}.{}", service.name, main.method),
        "responses": responses(schema, main),
    });
    let parameters: BTreeMap<&str, &Parameter> =
        std::iter::once(&main).chain(variants).flat_map(|one| one.query).map(|one| (one.name, one)).collect();
    if !parameters.is_empty() {
        value["parameters"] = parameters
            .values()
            .map(|one| json!({"name": one.name, "in": "query", "schema": type_schema(one.of)}))
            .collect();
    }
    if let Some(request) = main.request {
        value["requestBody"] = json!({"required": true, "content": content(&reference(request))});
    }
    if main.deprecated {
        value["deprecated"] = json!(true);
    }
    value
}

fn responses(schema: &Schema, operation: &Operation) -> Value {
    let mut done = json!({"description": "Done."});
    if let Some(of) = operation.response {
        done["content"] = content(&match of.list {
            true => {
                collection(schema.record(of.name).and_then(|record| record.tags).map_or("", |(tag, _)| tag), of.name)
            }
            false => reference(of.name),
        });
    }
    let mut responses = json!({"default": {"$ref": "#/components/responses/Fault"}});
    if operation.verb == Verb::Post && operation.action.is_none() {
        responses["201"] = done.clone();
        responses["202"] = done;
    } else {
        responses["200"] = done;
    }
    responses
}

fn content(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}, "application/xml": {"schema": schema}})
}

fn schemas(schema: &Schema) -> Value {
    let mut schemas: Map<String, Value> =
        schema.records().iter().map(|record| (record.name.to_owned(), record_schema(record))).collect();
    for set in schema.word_sets() {
        schemas.insert(set.name.to_owned(), json!({"type": "string", "enum": set.words}));
    }
    Value::Object(schemas)
}

fn record_schema(record: &Record) -> Value {
    let properties: Map<String, Value> = record
        .fields
        .iter()
        .map(|field| {
            let mut value = kind_schema(&field.kind);
            if ATTRIBUTES.contains(&field.name) {
                value["xml"] = json!({"attribute": true});
            }
            (field.name.to_owned(), value)
        })
        .collect();
    let mut value = json!({"type": "object", "properties": properties});
    if let Some((tag, _)) = record.tags {
        value["xml"] = json!({"name": tag});
    }
    value
}

fn kind_schema(kind: &Kind) -> Value {
    match kind {
        Kind::Text => text(),
        Kind::Boolean => json!({"type": "string", "enum": ["true", "false"]}),
        Kind::Integer => json!({"type": "string", "pattern": "^-?[0-9]+$"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Timestamp => {
            json!({"type": "integer", "format": "int64", "description": "Milliseconds since 1970-01-01 UTC."})
        }
        Kind::Words(name) | Kind::Record(name) => reference(name),
        Kind::Collection { tag, of } => collection(tag, of),
        Kind::Many(kind) => json!({"type": "array", "items": kind_schema(kind)}),
    }
}

/// Query parameters are plain text in any case; their own names of types say what text.
fn type_schema(of: TypeName) -> Value {
    match of.name {
        "boolean" => json!({"type": "boolean"}),
        "integer" => json!({"type": "integer", "format": "int64"}),
        "string" | "date" | "decimal" => text(),
        name => reference(name),
    }
}

fn collection(tag: &str, of: &str) -> Value {
    json!({"type": "object", "properties": {tag: {"type": "array", "items": reference(of)}}})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn text() -> Value {
    json!({"type": "string"})
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_mounted_operation_is_there_once() {
        let document = openapi("https://engine.example/ovirt-engine/api");
        let paths = document["paths"].as_object().unwrap();
        let operations: Vec<&Value> = paths
            .values()
            .flat_map(|item| item.as_object().unwrap().iter())
            .filter(|(key, _)| *key != "parameters")
            .map(|(_, value)| value)
            .collect();
        let ids: HashSet<&str> = operations.iter().map(|one| one["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), operations.len());
        let summaries: HashSet<&str> = operations.iter().map(|one| one["summary"].as_str().unwrap()).collect();
        let mounted = tree::services()
            .flat_map(|service| service.operations.iter())
            .filter(|one| one.mounted && one.variant_of.is_none())
            .count();
        assert_eq!(summaries.len(), mounted);
    }

    #[test]
    fn json_shapes_are_those_of_the_pen() {
        let document = openapi("/ovirt-engine/api");
        let vm = &document["components"]["schemas"]["Vm"]["properties"];
        assert_eq!(vm["memory"]["type"], "string");
        assert_eq!(vm["stateless"]["enum"], json!(["true", "false"]));
        assert_eq!(vm["creation_time"]["type"], "integer");
        assert_eq!(vm["nics"]["properties"]["nic"]["items"]["$ref"], "#/components/schemas/Nic");
        let list = &document["paths"]["/vms"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(list["properties"]["vm"]["type"], "array");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(document: &Value, value: &Value) {
            if let Some(to) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
            }
            match value {
                Value::Object(map) => map.values().for_each(|inner| walk(document, inner)),
                Value::Array(items) => items.iter().for_each(|inner| walk(document, inner)),
                _ => {}
            }
        }
        let document = openapi("/");
        walk(&document, &document);
    }
}

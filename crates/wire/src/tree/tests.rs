//! The tree against itself: every name resolves, every path is found again, nothing hides anything.

use std::collections::HashSet;

use super::*;
use crate::schema;

/// Service, ids by name, action.
type Place = (&'static str, Vec<(&'static str, String)>, Option<&'static str>);

fn found(path: &str) -> Option<Place> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let found = resolve(&segments)?;
    let ids = found.ids.iter().map(|(name, id)| (*name, (*id).to_owned())).collect();
    Some((found.service.name, ids, found.action))
}

#[test]
fn paths_lead_where_the_api_says() {
    let id = |name, id: &str| (name, id.to_owned());
    assert_eq!(found("/"), Some(("SystemService", vec![], None)));
    assert_eq!(found("/vms"), Some(("VmsService", vec![], None)));
    assert_eq!(found("/vms/1"), Some(("VmService", vec![id("vm", "1")], None)));
    assert_eq!(found("/vms/1/start"), Some(("VmService", vec![id("vm", "1")], Some("start"))));
    assert_eq!(found("/vms/1/nics/2"), Some(("VmNicService", vec![id("vm", "1"), id("nic", "2")], None)));
    assert_eq!(found("/events/undelete"), Some(("EventsService", vec![], Some("undelete"))));
    assert_eq!(found("/reloadconfigurations"), Some(("SystemService", vec![], Some("reloadconfigurations"))));
    for path in ["/nothing", "/vms/1/nothing", "/vms/1/start/2", "/vms/1/nics/2/nothing/3"] {
        assert_eq!(found(path), None, "{path}");
    }
    assert!(resolve(&["vms", ""]).is_none());
}

#[test]
fn every_path_and_action_is_found_again() {
    let paths = paths();
    for (path, service) in &paths {
        let filled = path.replace(['{', '}'], "");
        assert_eq!(found(&filled).map(|(name, ..)| name), Some(service.name), "{path}");
        for action in service.actions() {
            let (name, _, resolved) = found(&format!("{filled}/{action}")).unwrap();
            assert_eq!((name, resolved), (service.name, Some(action)), "{path}/{action}");
        }
    }
    let mounted: HashSet<&str> = paths.iter().map(|(_, service)| service.name).collect();
    for service in services() {
        for operation in service.operations {
            assert_eq!(operation.mounted, mounted.contains(service.name), "{}.{}", service.name, operation.method);
        }
    }
}

#[test]
fn every_verb_and_action_has_one_main_operation() {
    for service in services() {
        for operation in service.operations {
            let main: Vec<_> = service
                .operations
                .iter()
                .filter(|one| (one.verb, one.action) == (operation.verb, operation.action) && one.variant_of.is_none())
                .collect();
            assert_eq!(main.len(), 1, "{}.{}", service.name, operation.method);
            if let Some(of) = operation.variant_of {
                assert_eq!(main[0].method, of, "{}.{}", service.name, operation.method);
            }
        }
    }
}

#[test]
fn every_type_name_is_a_type() {
    let schema = schema::Schema::of_api();
    let plain = ["string", "boolean", "integer", "decimal", "date"];
    let known = |name: &str| plain.contains(&name) || schema.record(name).is_some() || schema.words(name).is_some();
    for service in services() {
        for operation in service.operations {
            let parameters = operation.query.iter().chain(operation.parameters).chain(operation.results);
            let types = parameters
                .map(|one| one.of.name)
                .chain(operation.request)
                .chain(operation.response.map(|one| one.name));
            for name in types {
                assert!(known(name), "{}.{}: {name}", service.name, operation.method);
            }
        }
    }
}

#[test]
fn inputs_and_outputs_of_actions_are_fields_of_action() {
    let schema = schema::Schema::of_api();
    let action = schema.record("Action").unwrap();
    for service in services() {
        for operation in service.operations {
            for parameter in operation.parameters.iter().chain(operation.results) {
                // The model gives `follow` to one action; it belongs to the query.
                let known = action.fields.iter().any(|field| field.name == parameter.name);
                assert!(
                    known || parameter.name == "follow",
                    "{}.{}: {}",
                    service.name,
                    operation.method,
                    parameter.name
                );
            }
        }
    }
}

#[test]
fn an_item_knows_its_links_and_actions() {
    let vm = service("VmService").unwrap();
    let links: Vec<&str> = vm.links().collect();
    assert!(links.contains(&"diskattachments") && links.contains(&"nics"));
    let actions: Vec<&str> = vm.actions().collect();
    assert!(actions.contains(&"start") && actions.contains(&"migrate"));
    assert_eq!(actions.iter().filter(|action| **action == "export").count(), 1);
    assert_eq!(service("VmsService").unwrap().item(), Some(vm));
    assert_eq!(vm.child("nics").map(|service| service.name), Some("VmNicsService"));
}

#[test]
fn counts_are_those_of_the_model() {
    // 286 services have operations; two more are only steps of a path.
    assert_eq!(services().count(), 288);
    assert_eq!(services().filter(|service| !service.operations.is_empty()).count(), 286);
    assert_eq!(services().map(|service| service.operations.len()).sum::<usize>(), 706);
    let names: HashSet<&str> = services().map(|service| service.name).collect();
    assert_eq!(names.len(), 288);
}

//! What the search language means, and that no text breaks it.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

// Wednesday 2026-03-11 10:20:30 UTC.
const NOW: Millis = 1_773_224_430_000;

fn vms(text: &str) -> String {
    match parse(Entity::Vm, text, NOW) {
        Ok(query) => query.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn conditions_and_clauses() {
    assert_eq!(vms("name=web"), r#"name = "web""#);
    assert_eq!(vms("NAME = web* AND status != Up"), r#"name = "web*" and status != up"#);
    assert_eq!(vms("name=a or name=b and status=down"), r#"name = "a" or (name = "b" and status = down)"#);
    assert_eq!(vms("(name=a or name=b) and status=down"), r#"(name = "a" or name = "b") and status = down"#);
    assert_eq!(vms("sortby name desc page 3"), "sortby name desc page 3");
    assert_eq!(vms("name=web page 2 sortby memory"), r#"name = "web" sortby memory asc page 2"#);
    assert_eq!(vms(""), "");
}

#[test]
fn values_may_hold_spaces_and_words() {
    assert_eq!(vms("name=my old web sortby name"), r#"name = "my old web" sortby name asc"#);
    assert_eq!(vms("name=long name and שלום"), r#"name = "long name and שלום""#);
    assert_eq!(vms("name=a and b and status=up"), r#"name = "a and b" and status = up"#);
    assert_eq!(vms("name=\"a and status=up\""), r#"name = "a and status=up""#);
    assert_eq!(vms("name=web (old)"), r#"name = "web (old)""#);
    assert_eq!(vms("(name=web (old)) and status=up"), r#"name = "web (old)" and status = up"#);
    assert_eq!(vms("name=a status=up"), r#"name = "a" and status = up"#);
    assert_eq!(vms("name=page 3 of it"), r#"name = "page 3 of it""#);
    assert_eq!(vms(r#"name="say \"hi\"""#), r#"name = "say \"hi\"""#);
}

#[test]
fn words_without_a_field_are_looked_for_everywhere() {
    assert_eq!(vms("web"), r#""web""#);
    assert_eq!(vms("web prod or db"), r#"("web" and "prod") or "db""#);
    assert_eq!(vms("web status=up"), r#""web" and status = up"#);
    assert_eq!(vms("\"VM Network\" page 1"), r#""VM Network" page 1"#);
}

#[test]
fn related_fields_take_a_point() {
    assert_eq!(vms("Hosts.name=h1"), r#"host.name = "h1""#);
    assert_eq!(vms("host=h1"), r#"on_host = "h1""#);
    let text = parse(Entity::DataCenter, "Storage.name = iscsi", NOW).map(|query| query.to_string());
    assert_eq!(text.as_deref(), Ok(r#"storage.name = "iscsi""#));
    let text = parse(Entity::Disk, "vm.name=x", NOW).map(|query| query.to_string());
    assert_eq!(text.as_deref(), Ok(r#"vm.name = "x""#));
}

#[test]
fn values_have_kinds() {
    assert_eq!(vms("memory > 1024"), "memory > 1073741824B");
    assert_eq!(vms("memory >= 4GiB"), "memory >= 4294967296B");
    assert_eq!(vms("uptime > 3d"), "uptime > 259200s");
    assert_eq!(vms("uptime < 1.02:03:04"), "uptime < 93784s");
    assert_eq!(vms("creationdate > yesterday"), "creationdate > \"2026-03-10\"");
    assert_eq!(vms("status = PoweringUp"), "status = powering_up");
    assert_eq!(vms("bios_type=q35_ovmf"), "bios_type = q35_uefi");
    assert_eq!(vms("os = rhel_9x64"), r#"os = "rhel_9x64""#);
}

#[test]
fn errors_name_the_place() {
    assert_eq!(vms("nmae=x"), "unknown field 'nmae' at 1");
    assert_eq!(vms("name=x and nope.name=y"), "unknown field 'nope.name' at 12");
    assert_eq!(vms("name > x"), "field 'name' can't be compared by '>' at 6");
    assert_eq!(vms("(name=x"), "expected a closing parenthesis at 8");
    assert_eq!(vms("name=\"x"), "expected a closing quote for the one at 6");
    assert_eq!(vms("and name=x"), "expected a condition at 1");
    assert_eq!(vms("name=x)"), "expected the end of the search at 7");
    assert_eq!(vms("id=5"), "'5' is no value of field 'id' at 4: an id");
    assert_eq!(vms("sortby nope"), "unknown field 'nope' at 8");
    assert_eq!(vms(&"(".repeat(40)), "the search is too deep");
    assert_eq!(vms(&"x".repeat(5000)), "the search is too long");
    assert_eq!(vms(&"x ".repeat(300)), "the search is too complex");
    assert!(vms("status=sleeping").starts_with("'sleeping' is no value of field 'status' at 8: one of down, up"));
}

#[test]
fn an_operating_system_is_found_by_either_name() {
    let ids = |text: &str| match parse(Entity::Vm, text, NOW) {
        Ok(Query {
            condition: Some(Condition::Compare(Comparison { value: Value::OperatingSystems { ids, .. }, .. })),
            ..
        }) => ids,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(ids("os = windows_10x64").len(), 1);
    assert!(ids("os = red hat*").len() > 5);
    assert!(ids("os = plan9").is_empty());
}

#[test]
fn every_kind_has_its_fields_once() {
    for entity in Entity::LISTED {
        for field in entity.fields() {
            assert_eq!(entity.field(field.name), Some(field), "{entity:?} {}", field.name);
        }
        for related in entity.relations() {
            assert_eq!(entity.relation(related.word()), Some(*related));
        }
    }
}

#[test]
fn patterns_fit_as_wildcards_do() {
    let fits = |pattern: &str, text: &str| Pattern(pattern.to_owned()).fits(text);
    assert!(fits("a*c", "ABBC") && fits("*", "") && fits("a", "A") && fits("*b*", "abc") && fits("a**c", "ac"));
    assert!(!fits("a*c", "abcd") && !fits("a", "ab") && !fits("ab*ba", "aba"));
}

/// Texts made of what searches are made of.
fn searches() -> impl Strategy<Value = String> {
    let pieces = vec![
        "name",
        "status",
        "memory",
        "host.name",
        "Vms.",
        "=",
        "!=",
        "<",
        ">=",
        "and",
        "or",
        "sortby",
        "asc",
        "page",
        "7",
        "(",
        ")",
        "\"",
        "\\",
        "*",
        "web",
        "up",
        " ",
        "  ",
        "today",
        "é",
        "4GiB",
        "creationdate",
        "id",
        "uptime",
        "-",
        ".",
    ];
    prop::collection::vec(select(pieces), 0..30).prop_flat_map(|pieces| {
        let spaced = pieces.join(" ");
        prop_oneof![Just(pieces.concat()), Just(spaced)]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_breaks_it(text in any::<String>(), entity in select(&Entity::LISTED[..])) {
        let _ = parse(entity, &text, NOW).is_ok();
    }

    #[test]
    fn what_was_read_is_written_and_read_the_same(text in searches(), entity in select(&Entity::LISTED[..])) {
        if let Ok(query) = parse(entity, &text, NOW) {
            let written = query.to_string();
            prop_assert_eq!(parse(entity, &written, NOW).map_err(|error| format!("{error} in {written}")), Ok(query));
        }
    }
}

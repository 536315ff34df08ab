//! Every statement in the sources is prepared against a fresh schema, so that a wrong column never waits for its first
//! caller. Text that a method puts together from parts is filled in from the file's own constants.

use std::collections::BTreeMap;
use std::path::Path;

use ferrovirt_model::ids::UserId;
use ferrovirt_store::visibility::Seen;
use ferrovirt_store::{Areas, Store};
use ferrovirt_testdb::TestDb;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Parts that a method decides at run time, and what stands for them here.
const DECIDED: &[(&str, &str)] = &[("{condition}", "true"), ("{}", "true")];
/// These files put whole statements together; tests of their own call them.
const BUILT: &[&str] = &["search.rs", "visibility.rs", "address.rs"];

/// The string literals of a source file, in order, with the constant's name where they are one.
fn literals(source: &str) -> Vec<(Option<String>, String)> {
    let body = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut before = String::new();
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next().is_some_and(|c| c != '\n') {},
            '\'' if chars.peek() == Some(&'"') => {
                chars.next();
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => text.extend(chars.next().filter(|c| *c != '\n')),
                        c => text.push(c),
                    }
                }
                found.push((constant(&before), text));
                before.clear();
            }
            c => before.push(c),
        }
    }
    found
}

/// `NAME` where the text before a literal ends in `const NAME: &str =`.
fn constant(before: &str) -> Option<String> {
    let (head, tail) = before.trim_end().rsplit_once("const ")?;
    let name = tail.strip_suffix(": &str =")?;
    (!head.ends_with('{') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')).then(|| name.to_owned())
}

fn statements(source: &str) -> Vec<String> {
    let found = literals(source);
    let constants: BTreeMap<String, String> =
        found.iter().filter_map(|(name, text)| Some((format!("{{{}}}", name.as_ref()?), text.clone()))).collect();
    let is_statement = |text: &&String| {
        ["select ", "insert ", "update ", "delete ", "with "].iter().any(|word| text.trim_start().starts_with(word))
    };
    let whole = found.iter().filter(|(name, _)| name.is_none()).map(|(_, text)| text).filter(is_statement);
    whole
        .map(|text| {
            let mut text = text.clone();
            for (name, value) in &constants {
                text = text.replace(name, value);
            }
            DECIDED.iter().fold(text, |text, (part, value)| text.replace(part, value))
        })
        .collect()
}

#[test]
fn literals_are_found_and_constants_named() {
    let source = "const VIEW: &str = \"a, b\";\nfn f() { q(\"select {VIEW} from t where x = \\\"y\\\"\") } // \"no\"";
    assert_eq!(statements(source), ["select a, b from t where x = \"y\""]);
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let db = TestDb::new().await;
    let mut connection = PgConnection::connect_with(&db.options()).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut count, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() || BUILT.contains(&name.as_str()) {
            continue;
        }
        for statement in statements(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            let prepare = format!("prepare one as {statement}");
            match sqlx::raw_sql(sqlx::AssertSqlSafe(prepare)).execute(&mut connection).await {
                Ok(_) => {
                    sqlx::raw_sql("deallocate one").execute(&mut connection).await.unwrap();
                }
                // The type of a parameter follows from what is bound; all names were found by then.
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P18") => {}
                Err(error) => wrong.push(format!("{name}: {statement}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "only {count} statements were found");
}

#[tokio::test]
async fn every_kind_can_be_narrowed_to_what_a_user_may_know() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut reader = store.read().await.unwrap();
    let kinds = [
        Seen::DataCenter,
        Seen::Cluster,
        Seen::Network,
        Seen::VnicProfile,
        Seen::Host,
        Seen::Vm,
        Seen::StorageDomain,
        Seen::Disk,
    ];
    for kind in kinds {
        let seen = kind.among(&[Uuid::new_v4()], UserId(Uuid::new_v4()), reader.connection()).await.unwrap();
        assert!(seen.is_empty(), "{kind:?}");
    }
}

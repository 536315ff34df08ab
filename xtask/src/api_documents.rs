//! Writes the documents that describe the API, as the engine would answer them. What stands in them is `wire`'s business.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use ferrovirt_wire::schema;

/// Address of an engine in the OpenAPI document; the engine puts its own.
const SERVER: &str = "https://engine.example/ovirt-engine/api";

/// Writes both documents into `folder`.
pub(crate) fn run(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let documents =
        [("api.xsd", schema::xsd()), ("openapi.json", serde_json::to_string_pretty(&schema::openapi(SERVER))?)];
    for (name, text) in documents {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

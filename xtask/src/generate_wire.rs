//! Writes the tables of crate `wire` as Rust: types, words and the service tree. What it writes is committed and read
//! like any other source; it is run again only when the tables of the API contract change.

mod names;
mod parameters;
mod services;
mod types;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// Writes every generated file below `root/crates/wire/src` from the tables in `tables`.
pub(crate) fn run(tables: &Path, root: &Path) -> Result<()> {
    let source = root.join("crates/wire/src");
    let mut files = types::render(tables)?;
    files.extend(services::render(tables)?);
    let mut written = Vec::new();
    for (name, text) in files {
        let path = source.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&source))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
    }
    format(&written, root)
}

fn format(files: &[PathBuf], root: &Path) -> Result<()> {
    let status = Command::new("rustfmt").current_dir(root).args(["--edition", "2024"]).args(files).status()?;
    ensure!(status.success(), "rustfmt refused the generated files");
    Ok(())
}

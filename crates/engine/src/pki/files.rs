//! Files of keys and certificates: replaced as a whole, readable by the engine's user alone. Refuses to know what is in
//! them.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::at;
use crate::failure::Trouble;

/// The folder, open to its owner alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), Trouble> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// The text of a file; `None` where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Trouble> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

/// Writes a file: after a crash the old content is there or the new one, never a part.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Trouble> {
    let beside = path.with_extension("new");
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    };
    write().map_err(at(path))
}

//! Compressed copies of the portal's files, made at first use and kept: there are few, and they never change while the
//! engine runs. Refuses to know which files there are.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

static KEPT: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// Whether compressing saves anything: texts of some size do, pictures and fonts do not.
pub(super) fn worth_it(media_type: &str, length: usize) -> bool {
    let packed = media_type.starts_with("image/") && !media_type.contains("svg") || media_type.contains("woff");
    length > 1024 && !packed
}

/// The compressed form of a file with this digest.
pub(super) fn gzip(tag: &str, data: &[u8]) -> Option<Bytes> {
    if let Some(found) = KEPT.lock().ok()?.get(tag) {
        return Some(found.clone());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    let small = Bytes::from(encoder.finish().ok()?);
    KEPT.lock().ok()?.insert(tag.to_owned(), small.clone());
    Some(small)
}

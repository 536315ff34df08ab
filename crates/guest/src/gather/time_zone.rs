//! The guest's time zone, read from `/etc/localtime` without the C library's tables.

use std::fs;

use ferrovirt_guest::protocol::TimeZone;

use super::line;

const LINK: &str = "/etc/localtime";

/// What holds now: abbreviation and seconds east of Greenwich. Greenwich itself where no zone is set.
pub(crate) fn now() -> Option<(String, i32)> {
    let zone = match fs::read(LINK) {
        Ok(bytes) => tz::TimeZone::from_tz_data(&bytes).ok()?,
        Err(_) => tz::TimeZone::utc(),
    };
    let local = zone.find_current_local_time_type().ok()?;
    let abbreviation = local.time_zone_designation();
    let abbreviation = if abbreviation.is_empty() { "UTC" } else { abbreviation };
    Some((abbreviation.to_owned(), local.ut_offset()))
}

/// `Europe/Vienna` in `/usr/share/zoneinfo/Europe/Vienna`.
fn name_in(target: &str) -> Option<&str> {
    let (_, name) = target.split_once("zoneinfo/")?;
    let name = name.strip_prefix("posix/").or_else(|| name.strip_prefix("right/")).unwrap_or(name);
    (!name.is_empty()).then_some(name)
}

pub(crate) fn read() -> Option<TimeZone> {
    let (abbreviation, offset_seconds) = now()?;
    let target = fs::read_link(LINK).unwrap_or_default();
    let named = name_in(&target.to_string_lossy()).map(str::to_owned);
    let name = named.or_else(|| Some(line("/etc/timezone")).filter(|name| !name.is_empty())).unwrap_or(abbreviation);
    Some(TimeZone { name, offset_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_follows_the_data_base() {
        assert_eq!(name_in("../usr/share/zoneinfo/Europe/Vienna"), Some("Europe/Vienna"));
        assert_eq!(name_in("/usr/share/zoneinfo/posix/UTC"), Some("UTC"));
        assert_eq!(name_in("/etc/other"), None);
    }
}

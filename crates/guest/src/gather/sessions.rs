//! Who is logged in: from systemd-logind's files, or from `utmp(5)` on systems without it.

use std::fs;
use std::path::Path;

use ferrovirt_guest::protocol::Session;

use super::operating_system;

/// Layout of one record of `utmp(5)`; it keeps 32-bit times on the architectures that once were 32-bit.
struct Layout {
    record: usize,
    seconds: usize,
}

#[cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "powerpc64"))]
const LAYOUT: Layout = Layout { record: 384, seconds: 340 };
#[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "powerpc64")))]
const LAYOUT: Layout = Layout { record: 400, seconds: 344 };
const USER_PROCESS: i16 = 7;
const SESSION_FOLDER: &str = "/run/systemd/sessions";

/// All sessions of people, in order.
pub(crate) fn read() -> Vec<Session> {
    let mut sessions = if Path::new(SESSION_FOLDER).is_dir() {
        from_logind()
    } else {
        let records = fs::read("/run/utmp").or_else(|_| fs::read("/var/run/utmp")).unwrap_or_default();
        from_utmp(&records, |pid| Path::new("/proc").join(pid.to_string()).exists())
    };
    sessions.sort();
    sessions
}

fn from_logind() -> Vec<Session> {
    let Ok(entries) = fs::read_dir(SESSION_FOLDER) else { return Vec::new() };
    let files = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.filter_map(|entry| fs::read_to_string(entry.path()).ok()).filter_map(|text| from_logind_file(&text)).collect()
}

fn from_logind_file(text: &str) -> Option<Session> {
    let fields = operating_system::parse(text);
    let field = |key: &str| fields.get(key).cloned().unwrap_or_default();
    if field("CLASS") != "user" || field("STATE") == "closing" {
        return None;
    }
    let terminal = if field("TTY").is_empty() { field("SEAT") } else { field("TTY") };
    let microseconds: u64 = field("REALTIME").parse().unwrap_or_default();
    let login_time = microseconds / 1_000_000;
    Some(Session { user: field("USER"), terminal, remote_host: field("REMOTE_HOST"), login_time })
}

fn from_utmp(records: &[u8], is_alive: impl Fn(i32) -> bool) -> Vec<Session> {
    records.chunks_exact(LAYOUT.record).filter_map(|record| from_record(record, &is_alive)).collect()
}

fn from_record(record: &[u8], is_alive: &impl Fn(i32) -> bool) -> Option<Session> {
    let kind = i16::from_ne_bytes(record.get(..2)?.try_into().ok()?);
    let pid = i32::from_ne_bytes(record.get(4..8)?.try_into().ok()?);
    if kind != USER_PROCESS || !is_alive(pid) {
        return None;
    }
    let text = |start: usize, length: usize| {
        let bytes = record.get(start..start + length).unwrap_or_default();
        let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let seconds = u32::from_ne_bytes(record.get(LAYOUT.seconds..LAYOUT.seconds + 4)?.try_into().ok()?);
    Some(Session { user: text(44, 32), terminal: text(8, 32), remote_host: text(76, 256), login_time: seconds.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logind_files_of_people_count() {
        let text =
            "# private\nUID=0\nUSER=ada\nSTATE=active\nCLASS=user\nTTY=tty1\nREMOTE=0\nREALTIME=1700000000123456\n";
        let session = from_logind_file(text).expect("a session");
        assert_eq!(session.user, "ada");
        assert_eq!((session.terminal.as_str(), session.login_time), ("tty1", 1_700_000_000));
        assert_eq!(from_logind_file(&text.replace("CLASS=user", "CLASS=manager")), None);
    }

    #[test]
    fn utmp_records_of_living_processes_count() {
        let mut record = vec![0u8; LAYOUT.record];
        record[..2].copy_from_slice(&USER_PROCESS.to_ne_bytes());
        record[4..8].copy_from_slice(&42i32.to_ne_bytes());
        record[8..13].copy_from_slice(b"pts/1");
        record[44..47].copy_from_slice(b"ada");
        record[76..84].copy_from_slice(b"10.0.0.9");
        record[LAYOUT.seconds..LAYOUT.seconds + 4].copy_from_slice(&1_700_000_000u32.to_ne_bytes());
        record.extend_from_slice(&[1, 2, 3]);
        let sessions = from_utmp(&record, |pid| pid == 42);
        assert_eq!(sessions.len(), 1);
        assert_eq!((sessions[0].user.as_str(), sessions[0].remote_host.as_str()), ("ada", "10.0.0.9"));
        assert_eq!(sessions[0].login_time, 1_700_000_000);
        assert!(from_utmp(&record, |_| false).is_empty());
    }
}

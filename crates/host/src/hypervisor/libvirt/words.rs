//! libvirt's numbers in our words. Pure. The numbers are those of libvirt-domain.h.

use virt::domain::MigrateParameters;
use virt::error::{Error, ErrorNumber};
use virt::sys;

use super::raw::{Parameters, Value};
use crate::hypervisor::{
    Activity, Counters, DiskCounters, Ending, Happening, HypervisorError, Job, MigrationOrder, NicCounters, Pause,
};

/// What a state means; none where the domain does not run.
pub(super) fn activity(state: u32, reason: i32) -> Option<Activity> {
    let reason = u32::try_from(reason).unwrap_or(0);
    Some(match state {
        sys::VIR_DOMAIN_RUNNING | sys::VIR_DOMAIN_BLOCKED => Activity::Running,
        sys::VIR_DOMAIN_PAUSED => Activity::Paused(match reason {
            sys::VIR_DOMAIN_PAUSED_USER => Pause::User,
            sys::VIR_DOMAIN_PAUSED_MIGRATION | sys::VIR_DOMAIN_PAUSED_POSTCOPY => Pause::Migration,
            sys::VIR_DOMAIN_PAUSED_IOERROR => Pause::IoError,
            sys::VIR_DOMAIN_PAUSED_WATCHDOG => Pause::Watchdog,
            sys::VIR_DOMAIN_PAUSED_STARTING_UP => Pause::Starting,
            sys::VIR_DOMAIN_PAUSED_POSTCOPY_FAILED => Pause::PostCopyFailed,
            sys::VIR_DOMAIN_PAUSED_SHUTTING_DOWN => return Some(Activity::Ending),
            _ => Pause::Other,
        }),
        sys::VIR_DOMAIN_SHUTDOWN => Activity::Ending,
        sys::VIR_DOMAIN_CRASHED => Activity::Crashed,
        sys::VIR_DOMAIN_PMSUSPENDED => Activity::Paused(Pause::Other),
        _ => return None,
    })
}

/// What a lifecycle event means.
pub(super) fn lifecycle(event: i32, detail: i32) -> Happening {
    let (event, detail) = (u32::try_from(event).unwrap_or(u32::MAX), u32::try_from(detail).unwrap_or(u32::MAX));
    match event {
        sys::VIR_DOMAIN_EVENT_RESUMED if detail == sys::VIR_DOMAIN_EVENT_RESUMED_MIGRATED => Happening::Arrived,
        sys::VIR_DOMAIN_EVENT_STOPPED => Happening::Ended(match detail {
            sys::VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN => Ending::Shutdown,
            sys::VIR_DOMAIN_EVENT_STOPPED_DESTROYED => Ending::Destroyed,
            sys::VIR_DOMAIN_EVENT_STOPPED_CRASHED => Ending::Crashed,
            sys::VIR_DOMAIN_EVENT_STOPPED_MIGRATED => Ending::Migrated,
            _ => Ending::Failed,
        }),
        _ => Happening::Changed,
    }
}

/// What an error means. Whether the connection broke is found out by the caller, who holds it.
pub(super) fn error(error: &Error) -> HypervisorError {
    let text = error.message().to_owned();
    match error.code() {
        ErrorNumber::NoDomain => HypervisorError::Missing,
        ErrorNumber::OperationAborted => HypervisorError::Aborted,
        ErrorNumber::AgentUnresponsive | ErrorNumber::AgentCommandTimeout | ErrorNumber::AgentCommandFailed => {
            HypervisorError::GuestSilent(text)
        }
        ErrorNumber::OperationInvalid if text.contains("domain is not running") => HypervisorError::Missing,
        ErrorNumber::OperationInvalid
        | ErrorNumber::OperationDenied
        | ErrorNumber::ResourceBusy
        | ErrorNumber::OperationUnsupported
        | ErrorNumber::NoSupport
        | ErrorNumber::ArgumentUnsupported => HypervisorError::Refused(text),
        _ => HypervisorError::Failed(text),
    }
}

/// The driver does not know this way of doing it.
pub(super) fn unsupported(error: &Error) -> bool {
    matches!(
        error.code(),
        ErrorNumber::NoSupport
            | ErrorNumber::OperationUnsupported
            | ErrorNumber::InvalidArg
            | ErrorNumber::ArgumentUnsupported
    )
}

/// The running job; none without one.
pub(super) fn job(kind: i32, parameters: &Parameters) -> Option<Job> {
    (kind != 0).then(|| job_done(parameters))
}

/// A job by its numbers.
pub(super) fn job_done(parameters: &Parameters) -> Job {
    let number = |name: &str| parameters.get(name).map_or(0, Value::number);
    Job {
        elapsed_ms: number("time_elapsed"),
        total: number("data_total"),
        processed: number("data_processed"),
        remaining: number("data_remaining"),
        downtime_ms: number("downtime"),
        iteration: u32::try_from(number("memory_iteration")).unwrap_or(0),
    }
}

/// QEMU's own command that tells how its migration stands (QEMU documentation, QMP `query-migrate`).
pub(super) const QUERY_MIGRATION: &str = r#"{"execute":"query-migrate"}"#;

/// Lets QEMU 7.2 go on with a cancellation. One that comes when memory is sent and the switch-over is not begun leaves its
/// migration thread waiting for leave to switch over, which nobody gives any more (`migration_maybe_pause` in QEMU's
/// `migration/migration.c`); with this leave it finds itself cancelled.
pub(super) const CANCEL_ON: &str = r#"{"execute":"migrate-continue","arguments":{"state":"cancelling"}}"#;

/// Stops the guest's processors for a moment. libvirt 9.0 waits before the switch-over for word that they stand; where a
/// cancellation has let them run again before it looked, that word does not come any more (`qemuMigrationSrcRun`).
pub(super) const STOP: &str = r#"{"execute":"stop"}"#;

/// Lets them run.
pub(super) const GO_ON: &str = r#"{"execute":"cont"}"#;

/// How QEMU's migration stands, in QEMU's words; none where there was none.
pub(super) fn migration_status(said: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(said).ok()?;
    answer["return"]["status"].as_str().map(str::to_owned)
}

/// The guest agent's command that shows a text on every terminal. Guests whose owner forbids commands from outside answer
/// that it is not allowed.
pub(super) fn wall(text: &str) -> String {
    use base64::Engine;
    let input = base64::engine::general_purpose::STANDARD.encode(text);
    let arguments = serde_json::json!({ "path": "/usr/bin/wall", "input-data": input });
    serde_json::json!({ "execute": "guest-exec", "arguments": arguments }).to_string()
}

/// Flags and parameters of a migration.
pub(super) fn migration(order: &MigrationOrder) -> (u32, MigrateParameters) {
    let mut flags = sys::VIR_MIGRATE_LIVE | sys::VIR_MIGRATE_PEER2PEER | sys::VIR_MIGRATE_ABORT_ON_ERROR;
    let mut parameters = MigrateParameters {
        uri: Some(order.stream_uri.clone()),
        dest_xml: Some(order.target_xml.clone()),
        bandwidth: (order.bandwidth > 0).then_some(order.bandwidth),
        ..MigrateParameters::default()
    };
    let mut flag = |on: bool, bit: u32| flags |= if on { bit } else { 0 };
    flag(order.auto_converge, sys::VIR_MIGRATE_AUTO_CONVERGE);
    flag(order.compressed, sys::VIR_MIGRATE_COMPRESSED);
    flag(order.post_copy, sys::VIR_MIGRATE_POSTCOPY);
    flag(order.trust_storage, sys::VIR_MIGRATE_UNSAFE);
    flag(order.tls_name.is_some(), sys::VIR_MIGRATE_TLS);
    flag(order.parallel > 1, sys::VIR_MIGRATE_PARALLEL);
    parameters.tls_destination.clone_from(&order.tls_name);
    if order.parallel > 1 {
        parameters.parallel_connections = i32::try_from(order.parallel).ok();
    }
    (flags, parameters)
}

/// Counters of one domain from libvirt's bulk statistics.
pub(super) fn counters(id: String, parameters: &Parameters) -> Counters {
    let find = |name: &str| parameters.get(name).map(Value::number);
    let number = |name: &str| find(name).unwrap_or(0);
    let text = |name: String| parameters.get(&name).map(Value::text).unwrap_or_default();
    let nics = (0..number("net.count")).map(|index| {
        let number = |name: &str| number(&format!("net.{index}.{name}"));
        // libvirt counts from the host's side of the tap, and turns that around for its callers.
        NicCounters {
            target: text(format!("net.{index}.name")),
            received: number("rx.bytes"),
            sent: number("tx.bytes"),
            receive_errors: number("rx.errs"),
            send_errors: number("tx.errs"),
            receive_drops: number("rx.drop"),
            send_drops: number("tx.drop"),
        }
    });
    let disks = (0..number("block.count")).map(|index| {
        let number = |name: &str| number(&format!("block.{index}.{name}"));
        DiskCounters {
            target: text(format!("block.{index}.name")),
            read_bytes: number("rd.bytes"),
            write_bytes: number("wr.bytes"),
            reads: number("rd.reqs"),
            writes: number("wr.reqs"),
            flushes: number("fl.reqs"),
            read_ns: number("rd.times"),
            write_ns: number("wr.times"),
            flush_ns: number("fl.times"),
            allocation: number("allocation"),
        }
    });
    let kib = |name: &str| find(name).map(|kib| kib * 1024);
    Counters {
        id,
        cpu_total_ns: number("cpu.time"),
        cpu_hypervisor_ns: number("cpu.user") + number("cpu.system"),
        processors: u32::try_from(number("vcpu.current")).unwrap_or(0),
        memory_current: kib("balloon.current").unwrap_or(0),
        memory_unused: kib("balloon.unused"),
        memory_available: kib("balloon.available"),
        memory_caches: kib("balloon.disk_caches"),
        nics: nics.collect(),
        disks: disks.collect(),
    }
}

/// How the domain ended, from the last lines of libvirt's log of it; none where its last run goes on.
pub(super) fn last_ending(log: &str) -> Option<Ending> {
    let line =
        log.lines().rev().find(|line| line.contains(": starting up ") || line.contains("shutting down, reason="))?;
    let (_, reason) = line.split_once("shutting down, reason=")?;
    Some(match reason.trim() {
        "shutdown" => Ending::Shutdown,
        "destroyed" => Ending::Destroyed,
        "crashed" => Ending::Crashed,
        "migrated" => Ending::Migrated,
        _ => Ending::Failed,
    })
}

/// 9000003 is `9.0.3`.
pub(super) fn version(number: u32) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1000 % 1000, number % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qemu_says_how_its_migration_stands() {
        let said = r#"{"return":{"expected-downtime":100,"status":"cancelling","total-time":5},"id":"libvirt-510"}"#;
        assert_eq!(migration_status(said).as_deref(), Some("cancelling"));
        assert_eq!(migration_status(r#"{"return":{},"id":"libvirt-1"}"#), None);
        assert_eq!(migration_status(r#"{"error":{"class":"GenericError"}}"#), None);
        assert_eq!(migration_status("nonsense"), None);
    }

    #[test]
    fn states_have_words() {
        assert_eq!(activity(1, 1), Some(Activity::Running));
        assert_eq!(activity(3, 2), Some(Activity::Paused(Pause::Migration)));
        assert_eq!(activity(3, 5), Some(Activity::Paused(Pause::IoError)));
        assert_eq!(activity(5, 1), None);
        assert_eq!(version(9_000_003), "9.0.3");
    }

    #[test]
    fn the_log_tells_the_last_end_only() {
        let ended = "2026-01-01 10:00:00.000+0000: starting up libvirt version: 9.0.0\n2026-01-01 10:05:00.000+0000: shutting down, reason=migrated\n";
        assert_eq!(last_ending(ended), Some(Ending::Migrated));
        let runs = format!("{ended}2026-01-01 11:00:00.000+0000: starting up libvirt version: 9.0.0\n");
        assert_eq!(last_ending(&runs), None);
        assert_eq!(last_ending(""), None);
    }

    #[test]
    fn a_domain_that_moved_is_not_a_crash() {
        assert_eq!(lifecycle(5, 3), Happening::Ended(Ending::Migrated));
        assert_eq!(lifecycle(5, 2), Happening::Ended(Ending::Crashed));
        assert_eq!(lifecycle(4, 1), Happening::Arrived);
    }

    #[test]
    fn a_migration_is_always_live_peer_to_peer_and_leaves_no_definition() {
        let (flags, _) = migration(&MigrationOrder::default());
        assert_eq!(flags & (1 | 2), 3);
        assert_eq!(flags & (8 | 16), 0);
    }
}

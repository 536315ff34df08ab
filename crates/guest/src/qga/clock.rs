//! Reading and setting the guest's clock, in nanoseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_settime};
use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;
use crate::commands;

#[derive(Deserialize)]
pub(super) struct SetArguments {
    /// Absent: take the time of the hardware clock.
    time: Option<i64>,
}

pub(super) fn get() -> Result<Value, CommandFailure> {
    let outside = || CommandFailure::Refused("the clock of this guest is before 1970 or too far ahead".to_owned());
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| outside())?;
    let nanoseconds = i64::try_from(since.as_nanos()).map_err(|_| outside())?;
    Ok(json!(nanoseconds))
}

pub(super) fn set(arguments: SetArguments) -> Result<Value, CommandFailure> {
    let Some(nanoseconds) = arguments.time else {
        commands::run("hwclock", &["-s"], None)?;
        return Ok(json!({}));
    };
    let nanoseconds =
        u64::try_from(nanoseconds).map_err(|_| CommandFailure::Refused("the time is before 1970".to_owned()))?;
    clock_settime(ClockId::CLOCK_REALTIME, TimeSpec::from(Duration::from_nanos(nanoseconds)))
        .map_err(std::io::Error::from)
        .map_err(CommandFailure::system("cannot set the clock"))?;
    // So that the next boot starts with the right time.
    commands::run("hwclock", &["-w"], None)?;
    Ok(json!({}))
}

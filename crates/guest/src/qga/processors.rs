//! Processors going on and off line, through `/sys/devices/system/cpu`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;
use crate::gather;

const FOLDER: &str = "/sys/devices/system/cpu";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Processor {
    logical_id: u32,
    online: bool,
}

#[derive(Deserialize)]
pub(super) struct SetArguments {
    vcpus: Vec<Processor>,
}

fn switch(number: u32) -> PathBuf {
    Path::new(FOLDER).join(format!("cpu{number}")).join("online")
}

fn numbers() -> Result<Vec<u32>, CommandFailure> {
    let entries = fs::read_dir(FOLDER).map_err(CommandFailure::system("cannot list the processors"))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<u32> = names.filter_map(|name| name.strip_prefix("cpu")?.parse().ok()).collect();
    found.sort_unstable();
    Ok(found)
}

pub(super) fn get() -> Result<Value, CommandFailure> {
    let describe = |number: u32| {
        // Where the kernel has no switch, the processor cannot go off line.
        let state = gather::line(switch(number));
        json!({ "logical-id": number, "online": state != "0", "can-offline": !state.is_empty() })
    };
    Ok(numbers()?.into_iter().map(describe).collect())
}

/// Answers how many of the list were done; an error only if not even the first was.
pub(super) fn set(arguments: SetArguments) -> Result<Value, CommandFailure> {
    let mut done = 0;
    for processor in &arguments.vcpus {
        match set_one(processor) {
            Ok(()) => done += 1,
            Err(error) if done == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(json!(done))
}

fn set_one(processor: &Processor) -> Result<(), CommandFailure> {
    let number = processor.logical_id;
    let switch = switch(number);
    if !switch.exists() {
        let is_there = numbers()?.contains(&number);
        return if is_there && processor.online {
            Ok(())
        } else {
            Err(CommandFailure::Refused(format!("processor {number} cannot be switched")))
        };
    }
    let state = if processor.online { "1" } else { "0" };
    if gather::line(&switch) == state {
        return Ok(());
    }
    fs::write(&switch, state).map_err(CommandFailure::system(format!("cannot switch processor {number}")))
}

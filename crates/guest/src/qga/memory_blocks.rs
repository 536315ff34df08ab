//! Memory blocks going on and off line, through `/sys/devices/system/memory`. Kernels without memory hotplug have none.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;
use crate::gather;

const FOLDER: &str = "/sys/devices/system/memory";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Block {
    phys_index: u64,
    online: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SetArguments {
    mem_blks: Vec<Block>,
}

fn folder(number: u64) -> PathBuf {
    Path::new(FOLDER).join(format!("memory{number}"))
}

pub(super) fn get() -> Result<Value, CommandFailure> {
    let entries = fs::read_dir(FOLDER).map_err(CommandFailure::system("this kernel has no memory blocks"))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut numbers: Vec<u64> = names.filter_map(|name| name.strip_prefix("memory")?.parse().ok()).collect();
    numbers.sort_unstable();
    let describe = |number: u64| {
        let online = gather::line(folder(number).join("state")) == "online";
        let removable = gather::line(folder(number).join("removable")) != "0";
        json!({ "phys-index": number, "online": online, "can-offline": removable })
    };
    Ok(numbers.into_iter().map(describe).collect())
}

pub(super) fn set(arguments: SetArguments) -> Result<Value, CommandFailure> {
    Ok(arguments.mem_blks.iter().map(set_one).collect())
}

/// The protocol answers for each block by itself.
fn set_one(block: &Block) -> Value {
    let number = block.phys_index;
    let path = folder(number).join("state");
    if !path.exists() {
        return json!({ "phys-index": number, "response": "not-found" });
    }
    let state = if block.online { "online" } else { "offline" };
    if gather::line(&path) == state {
        return json!({ "phys-index": number, "response": "success" });
    }
    match fs::write(&path, state) {
        Ok(()) => json!({ "phys-index": number, "response": "success" }),
        Err(error) => {
            let code = error.raw_os_error().unwrap_or_default();
            json!({ "phys-index": number, "response": "operation-failed", "error-code": code })
        }
    }
}

pub(super) fn info() -> Result<Value, CommandFailure> {
    let text = fs::read_to_string(Path::new(FOLDER).join("block_size_bytes"))
        .map_err(CommandFailure::system("this kernel has no memory blocks"))?;
    let size = u64::from_str_radix(text.trim(), 16)
        .map_err(|_| CommandFailure::Refused("the kernel's block size is no number".to_owned()))?;
    Ok(json!({ "size": size }))
}

//! The network interfaces as the QEMU guest agent protocol writes them.

use ferrovirt_guest::protocol::{Address, Interface};
use serde_json::{Map, Value, json};

use crate::gather;

const COUNTERS: [&str; 8] =
    ["rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"];
/// The protocol's short names, in the order of [`COUNTERS`].
const COUNTER_NAMES: [&str; 8] =
    ["rx-bytes", "rx-packets", "rx-errs", "rx-dropped", "tx-bytes", "tx-packets", "tx-errs", "tx-dropped"];

fn statistics(interface: &str) -> Option<Value> {
    let folder = std::path::Path::new("/sys/class/net").join(interface).join("statistics");
    let mut values = Map::new();
    for (file, name) in COUNTERS.into_iter().zip(COUNTER_NAMES) {
        let value: u64 = gather::line(folder.join(file)).parse().ok()?;
        values.insert(name.to_owned(), value.into());
    }
    Some(Value::Object(values))
}

fn describe_address(address: &Address) -> Value {
    let kind = if address.address.is_ipv4() { "ipv4" } else { "ipv6" };
    json!({ "ip-address-type": kind, "ip-address": address.address, "prefix": address.prefix_length })
}

fn describe(interface: &Interface) -> Value {
    let mut answer = Map::new();
    answer.insert("name".into(), interface.name.clone().into());
    if !interface.mac.is_empty() {
        answer.insert("hardware-address".into(), interface.mac.clone().into());
    }
    if !interface.addresses.is_empty() {
        answer.insert("ip-addresses".into(), interface.addresses.iter().map(describe_address).collect());
    }
    if let Some(statistics) = statistics(&interface.name) {
        answer.insert("statistics".into(), statistics);
    }
    Value::Object(answer)
}

pub(super) fn interfaces() -> Value {
    gather::network::interfaces(true).iter().map(describe).collect()
}

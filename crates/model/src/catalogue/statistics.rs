//! The statistics that the API shows: names, units and the fixed ids that clients remember. Holds no values.

use uuid::{Uuid, uuid};

/// Whether a value stands for itself or only ever grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticKind {
    /// A level at a moment.
    Gauge,
    /// A count since a start.
    Counter,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticType {
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// Text.
    Text,
}

/// What a value is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticUnit {
    /// A bare number.
    None,
    /// Bytes.
    Bytes,
    /// Bytes in a second.
    BytesPerSecond,
    /// Bits in a second.
    BitsPerSecond,
    /// Hundredths.
    Percent,
    /// Seconds.
    Seconds,
}

/// One statistic of one kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// The name on the wire.
    pub name: &'static str,
    /// Level or count.
    pub kind: StatisticKind,
    /// How the value is written.
    pub value_type: StatisticType,
    /// What the value is measured in.
    pub unit: StatisticUnit,
    /// The fixed id: a version 3 UUID of the bare name.
    pub id: Uuid,
    /// Whether it carries a series of values instead of one.
    pub many: bool,
}

const fn statistic(
    name: &'static str,
    kind: StatisticKind,
    value_type: StatisticType,
    unit: StatisticUnit,
    id: Uuid,
) -> Statistic {
    Statistic { name, kind, value_type, unit, id, many: false }
}

const fn series(name: &'static str, id: Uuid) -> Statistic {
    Statistic { name, kind: Gauge, value_type: Decimal, unit: Percent, id, many: true }
}

use StatisticKind::{Counter, Gauge};
use StatisticType::{Decimal, Integer, Text};
use StatisticUnit::{BitsPerSecond, Bytes, BytesPerSecond, None, Percent, Seconds};

/// The statistics of a VM.
pub const VM: &[Statistic] = &[
    statistic("cpu.current.guest", Gauge, Decimal, Percent, uuid!("ef802239-b74a-329f-9955-be8fea6b50a4")),
    statistic("cpu.current.hypervisor", Gauge, Decimal, Percent, uuid!("d849a55f-0049-36f8-ae65-face541473ac")),
    statistic("cpu.current.total", Gauge, Decimal, Percent, uuid!("2ec286fe-4bec-32f5-8d63-dba7bed58763")),
    series("cpu.usage.history", uuid!("bde6d1ed-e07b-3aa1-bfc4-463990f5921a")),
    statistic("disks.usage", Gauge, Text, None, uuid!("c5dd0086-d5f0-3abf-9628-4674abb3f5ac")),
    statistic("elapsed.time", Counter, Integer, Seconds, uuid!("57dfc947-ba36-3a51-a1ad-3800b6199ff5")),
    statistic("memory.buffered", Gauge, Integer, Bytes, uuid!("09e07489-64fd-32ab-8e4e-a2b61eed8d60")),
    statistic("memory.cached", Gauge, Integer, Bytes, uuid!("1b6244ee-8dbd-365d-8762-482ddc05ee11")),
    statistic("memory.free", Gauge, Integer, Bytes, uuid!("5a0fba9d-33d7-3cbf-addd-ba462040c946")),
    statistic("memory.installed", Gauge, Integer, Bytes, uuid!("5a89a1d2-32be-33f7-a0d1-f8b5bc974ff6")),
    statistic("memory.unused", Gauge, Integer, Bytes, uuid!("439422cf-02ca-307f-9745-2a86e87ed8e0")),
    series("memory.usage.history", uuid!("e9ecc8dd-9320-37cf-ab1a-0003016f69e1")),
    statistic("memory.used", Gauge, Integer, Bytes, uuid!("b7499508-c1c3-32f0-8174-c1783e57bb08")),
    statistic("migration.progress", Gauge, Decimal, Percent, uuid!("892b69a7-41ca-36b1-9a2e-ae5177ef21bb")),
    statistic("network.current.total", Gauge, Decimal, Percent, uuid!("d5e709a1-f0bc-3bb9-9f14-1c9cdec65c40")),
    series("network.usage.history", uuid!("dddb4e54-50dc-3e49-93d7-58c7ee51274b")),
];

/// The statistics of a host.
pub const HOST: &[Statistic] = &[
    statistic("boot.time", Gauge, Integer, None, uuid!("3ceb2072-a5a5-3b21-9bb2-e966471fd81c")),
    statistic("cpu.current.idle", Gauge, Decimal, Percent, uuid!("4ae97794-f56d-3f05-a9e7-8798887cd1ac")),
    statistic("cpu.current.system", Gauge, Decimal, Percent, uuid!("a98c1e11-078c-3593-a57e-4b12c1ce9815")),
    statistic("cpu.current.user", Gauge, Decimal, Percent, uuid!("a1fab379-66e2-3b1d-9914-81a9e79cb719")),
    statistic("cpu.load.avg.5m", Gauge, Decimal, Percent, uuid!("65860dae-c890-312e-9314-5c01f31225ab")),
    statistic("ksm.cpu.current", Gauge, Decimal, Percent, uuid!("f740b9ad-14a7-3f6c-9b80-efff44777169")),
    statistic("memory.free", Gauge, Integer, Bytes, uuid!("5a0fba9d-33d7-3cbf-addd-ba462040c946")),
    statistic("memory.shared", Gauge, Integer, Bytes, uuid!("ffc0e1fd-fa34-3f85-9862-8a841c1658bc")),
    statistic("memory.total", Gauge, Integer, Bytes, uuid!("7816602b-c05c-3db7-a4da-3769f7ad8896")),
    statistic("memory.used", Gauge, Integer, Bytes, uuid!("b7499508-c1c3-32f0-8174-c1783e57bb08")),
    statistic("swap.free", Gauge, Integer, Bytes, uuid!("1a4c1c9b-f3cc-301e-82ce-47d4b9fb5a46")),
    statistic("swap.total", Gauge, Integer, Bytes, uuid!("c43847d7-3bc1-3aaf-b92c-902e64bbdb5b")),
    statistic("swap.used", Gauge, Integer, Bytes, uuid!("27686b4e-ba8d-3576-bc70-d68cbd8a2ba9")),
];

/// The statistics of a network interface of a host.
pub const HOST_NIC: &[Statistic] = &[
    statistic("data.current.rx", Gauge, Decimal, BytesPerSecond, uuid!("ecd0559f-e88f-3330-94b4-1f091b0ffdf7")),
    statistic("data.current.rx.bps", Gauge, Decimal, BitsPerSecond, uuid!("87211eae-bb7c-382e-9e1b-378cf4505e2f")),
    statistic("data.current.tx", Gauge, Decimal, BytesPerSecond, uuid!("2c6fe105-4913-3f90-9425-07ddfeca5417")),
    statistic("data.current.tx.bps", Gauge, Decimal, BitsPerSecond, uuid!("939bae68-c68f-3e94-8960-766668395f86")),
    statistic("data.total.rx", Counter, Integer, Bytes, uuid!("0b9ddd6a-fc1b-398a-9f95-7a863c753017")),
    statistic("data.total.tx", Counter, Integer, Bytes, uuid!("4d75baca-1fc9-3b19-b44f-6d32abda3888")),
    statistic("errors.total.rx", Counter, Integer, None, uuid!("50b8f057-7795-30bd-825a-1acadd37a9d7")),
    statistic("errors.total.tx", Counter, Integer, None, uuid!("7211a516-3e61-3c4e-be79-739424d13461")),
];

/// The statistics of a NIC of a VM.
pub const NIC: &[Statistic] = &[
    statistic("data.current.rx", Gauge, Decimal, BytesPerSecond, uuid!("ecd0559f-e88f-3330-94b4-1f091b0ffdf7")),
    statistic("data.current.rx.bps", Gauge, Decimal, BitsPerSecond, uuid!("87211eae-bb7c-382e-9e1b-378cf4505e2f")),
    statistic("data.current.tx", Gauge, Decimal, BytesPerSecond, uuid!("2c6fe105-4913-3f90-9425-07ddfeca5417")),
    statistic("data.current.tx.bps", Gauge, Decimal, BitsPerSecond, uuid!("939bae68-c68f-3e94-8960-766668395f86")),
    statistic("data.total.rx", Counter, Integer, Bytes, uuid!("0b9ddd6a-fc1b-398a-9f95-7a863c753017")),
    statistic("data.total.tx", Counter, Integer, Bytes, uuid!("4d75baca-1fc9-3b19-b44f-6d32abda3888")),
    statistic("errors.total.rx", Counter, Integer, None, uuid!("50b8f057-7795-30bd-825a-1acadd37a9d7")),
    statistic("errors.total.tx", Counter, Integer, None, uuid!("7211a516-3e61-3c4e-be79-739424d13461")),
];

/// The statistics of a disk.
pub const DISK: &[Statistic] = &[
    statistic("data.current.read", Gauge, Decimal, BytesPerSecond, uuid!("33b9212b-f9cb-3fd0-b364-248fb61e1272")),
    statistic("data.current.read_ops", Counter, Decimal, None, uuid!("467c9655-64a5-3abd-bff7-bdd69cfae38a")),
    statistic("data.current.write", Gauge, Decimal, BytesPerSecond, uuid!("2f23addd-4ebd-3d82-a449-c28778bc33eb")),
    statistic("data.current.write_ops", Counter, Decimal, None, uuid!("fc6ba9f6-199a-3c17-b989-489cecbe7b2f")),
    statistic("disk.flush.latency", Gauge, Decimal, Seconds, uuid!("9c17ad7b-9ef1-3e8d-ad0a-ff8bee3925f0")),
    statistic("disk.read.latency", Gauge, Decimal, Seconds, uuid!("3a7b3f72-d035-3bb9-b196-e86a4eb34993")),
    statistic("disk.write.latency", Gauge, Decimal, Seconds, uuid!("b1e75c7b-cea4-37d2-8459-f7d68efc69a3")),
];

/// The statistics of a NUMA node of a host.
pub const NUMA_NODE: &[Statistic] = &[
    statistic("cpu.current.idle", Gauge, Decimal, Percent, uuid!("4ae97794-f56d-3f05-a9e7-8798887cd1ac")),
    statistic("cpu.current.system", Gauge, Decimal, Percent, uuid!("a98c1e11-078c-3593-a57e-4b12c1ce9815")),
    statistic("cpu.current.user", Gauge, Decimal, Percent, uuid!("a1fab379-66e2-3b1d-9914-81a9e79cb719")),
    statistic("memory.free", Gauge, Integer, Bytes, uuid!("5a0fba9d-33d7-3cbf-addd-ba462040c946")),
    statistic("memory.total", Gauge, Integer, Bytes, uuid!("7816602b-c05c-3db7-a4da-3769f7ad8896")),
    statistic("memory.used", Gauge, Integer, Bytes, uuid!("b7499508-c1c3-32f0-8174-c1783e57bb08")),
];

/// The statistics of a step of a job.
pub const STEP: &[Statistic] = &[
    statistic("files.failed", Counter, Integer, None, uuid!("558cceed-d6ee-36d3-b467-aaff32208933")),
    statistic("files.moved", Counter, Integer, None, uuid!("efca817c-2c70-3c82-b5b4-cff3dc24acbd")),
    statistic("files.scanned", Counter, Integer, None, uuid!("04e6b7fd-e409-3320-b9ff-5117c45e79b8")),
    statistic("files.skipped", Counter, Integer, None, uuid!("3734ea69-589b-3d9a-ba2e-a03425fdf8f8")),
    statistic("run.time", Counter, Decimal, Seconds, uuid!("0cf39cf9-2ab8-36c0-b366-ea923a5ba6f8")),
    statistic("size.moved", Gauge, Integer, Bytes, uuid!("714ad2cf-fcee-323c-b60d-cdd704e47d0d")),
    statistic("status", Gauge, Text, None, uuid!("9acb4454-9b41-3636-97bb-490144ec6258")),
];

/// The statistic with this name among those of one kind of object.
#[must_use]
pub fn named(statistics: &'static [Statistic], name: &str) -> Option<&'static Statistic> {
    statistics.iter().find(|statistic| statistic.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_id_wherever_it_stands() {
        let all = [VM, HOST, HOST_NIC, NIC, DISK, NUMA_NODE, STEP].concat();
        for one in &all {
            for other in &all {
                assert_eq!(one.name == other.name, one.id == other.id, "{} and {}", one.name, other.name);
            }
        }
    }
}

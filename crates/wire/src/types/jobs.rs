//! Jobs, events and statistics. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// An entry of the event log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub code: Option<i64>,
    pub correlation_id: Option<String>,
    pub custom_data: Option<String>,
    pub custom_id: Option<i64>,
    pub flood_rate: Option<i64>,
    pub index: Option<i64>,
    pub log_on_host: Option<bool>,
    pub origin: Option<String>,
    pub severity: Option<LogSeverity>,
    pub time: Option<Timestamp>,
    pub cluster: Option<Box<Cluster>>,
    pub data_center: Option<Box<DataCenter>>,
    pub host: Option<Box<Host>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub template: Option<Box<Template>>,
    pub user: Option<Box<User>>,
    pub vm: Option<Box<Vm>>,
}

/// Long work of the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub auto_cleared: Option<bool>,
    pub end_time: Option<Timestamp>,
    pub external: Option<bool>,
    pub last_updated: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub status: Option<JobStatus>,
    pub owner: Option<Box<User>>,
    pub steps: Option<List<Step>>,
}

/// A step of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub end_time: Option<Timestamp>,
    pub external: Option<bool>,
    pub external_type: Option<ExternalSystemType>,
    pub number: Option<i64>,
    pub progress: Option<i64>,
    pub start_time: Option<Timestamp>,
    pub status: Option<StepStatus>,
    pub r#type: Option<StepEnum>,
    pub execution_host: Option<Box<Host>>,
    pub job: Option<Box<Job>>,
    pub parent_step: Option<Box<Step>>,
    pub statistics: Option<List<Statistic>>,
}

/// A figure about an entity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub kind: Option<StatisticKind>,
    pub r#type: Option<ValueType>,
    pub unit: Option<StatisticUnit>,
    pub values: Option<List<Value>>,
    pub brick: Option<Box<GlusterBrick>>,
    pub disk: Option<Box<Disk>>,
    pub gluster_volume: Option<Box<GlusterVolume>>,
    pub host: Option<Box<Host>>,
    pub host_nic: Option<Box<HostNic>>,
    pub host_numa_node: Option<Box<NumaNode>>,
    pub nic: Option<Box<Nic>>,
    pub step: Option<Box<Step>>,
    pub vm: Option<Box<Vm>>,
}

words! {
    /// Declared by the API for values that travel as plain text.
    CreationStatus {
        Pending = "pending",
        InProgress = "in_progress",
        Complete = "complete",
        Failed = "failed",
    }
}

words! {
    /// What `step.external_type` may say.
    ExternalSystemType {
        Vdsm = "vdsm",
        Gluster = "gluster",
    }
}

words! {
    /// What `job.status` may say.
    JobStatus {
        Aborted = "aborted",
        Failed = "failed",
        Finished = "finished",
        Started = "started",
        Unknown = "unknown",
    }
}

words! {
    /// What `event.severity` may say.
    LogSeverity {
        Normal = "normal",
        Warning = "warning",
        Error = "error",
        Alert = "alert",
    }
}

words! {
    /// What `statistic.kind` may say.
    StatisticKind {
        Counter = "counter",
        Gauge = "gauge",
    }
}

words! {
    /// What `statistic.unit` may say.
    StatisticUnit {
        BitsPerSecond = "bits_per_second",
        Bytes = "bytes",
        BytesPerSecond = "bytes_per_second",
        CountPerSecond = "count_per_second",
        None = "none",
        Percent = "percent",
        Seconds = "seconds",
    }
}

words! {
    /// What `step.type` may say.
    StepEnum {
        Validating = "validating",
        Executing = "executing",
        Finalizing = "finalizing",
        RebalancingVolume = "rebalancing_volume",
        RemovingBricks = "removing_bricks",
        Unknown = "unknown",
    }
}

words! {
    /// What `step.status` may say.
    StepStatus {
        Aborted = "aborted",
        Failed = "failed",
        Finished = "finished",
        Started = "started",
        Unknown = "unknown",
    }
}

words! {
    /// What `statistic.type` may say.
    ValueType {
        Decimal = "decimal",
        Integer = "integer",
        String = "string",
    }
}

//! An entry of the event log. Which codes exist and how their sentences read is in the catalogues.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::ids::{ClusterId, DataCenterId, HostId, StorageDomainId, TemplateId, UserId, VmId};

/// An entry of the event log. Ids grow with time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// 1 and up, in order of commit.
    pub id: i64,
    /// oVirt's number of the event type.
    pub code: u32,
    /// How bad it is.
    pub severity: Severity,
    /// The sentence.
    pub message: String,
    /// When.
    pub at: Millis,
    /// Ties it to a request.
    pub correlation_id: String,
    /// `oVirt` or the outside program that sent it.
    pub origin: String,
    /// The outside program's number.
    pub custom_id: Option<i32>,
    /// Seconds in which the same is not said again.
    pub flood_rate: Option<i32>,
    /// The outside program's data.
    pub custom_data: Option<String>,
    /// What it is about.
    pub about: About,
}

/// What an event is about. Names stand beside ids because the things may be gone when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// A user and their name.
    pub user: Option<(UserId, String)>,
    /// A VM and its name.
    pub vm: Option<(VmId, String)>,
    /// A template and its name.
    pub template: Option<(TemplateId, String)>,
    /// A host and its name.
    pub host: Option<(HostId, String)>,
    /// A cluster and its name.
    pub cluster: Option<(ClusterId, String)>,
    /// A data centre and its name.
    pub data_center: Option<(DataCenterId, String)>,
    /// A storage domain and its name.
    pub storage_domain: Option<(StorageDomainId, String)>,
}

impl About {
    /// Whether it names anything but a user.
    #[must_use]
    pub fn names_an_object(&self) -> bool {
        self.vm.is_some()
            || self.template.is_some()
            || self.host.is_some()
            || self.cluster.is_some()
            || self.data_center.is_some()
            || self.storage_domain.is_some()
    }
}

/// How bad an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Normal,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
    /// Someone must act.
    Alert,
}

impl Severity {
    /// The name in rows and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Alert => "alert",
        }
    }

    /// Reads what [`Severity::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Normal, Self::Warning, Self::Error, Self::Alert].into_iter().find(|severity| severity.as_str() == text)
    }
}

//! An entry of the event log in the making: the sentence, its values, and the objects that it is about.
//!
//! Objects fill the placeholders that oVirt names after them; anything else is given by name. Refuses to know when the
//! event happens and which number it gets.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{EventSentence, EventType};
use crate::event::About;
use crate::ids::{ClusterId, DataCenterId, HostId, JobId, StorageDomainId, TemplateId, UserId, VmId};

/// The name that stands where an event has no user.
pub const SYSTEM_USER: &str = "SYSTEM";

/// The placeholders that say why something failed.
const CAUSES: [&str; 2] = ["DueToError", "DueToMigrationError"];

/// An entry of the log that still lacks time and number.
#[derive(Clone, Debug)]
pub struct EventDraft {
    sentence: EventSentence,
    values: BTreeMap<String, String>,
    /// Why it failed, where the sentence has no place for that.
    because: Option<String>,
    /// What it is about: columns of the log, and search fields.
    pub about: About,
    /// The caller's name for the request that led to this, if any.
    pub correlation_id: Option<String>,
    /// The job that this belongs to.
    pub job: Option<JobId>,
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $field:ident: $id:ty, fills $($placeholder:literal),+;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $field(mut self, id: $id, name: impl Into<String>) -> Self {
            let name = name.into();
            $(self.values.insert($placeholder.to_owned(), name.clone());)+
            self.about.$field = Some((id, name));
            self
        }
    )*};
}

impl EventDraft {
    pub(super) fn new(sentence: EventSentence) -> Self {
        Self {
            sentence,
            values: BTreeMap::new(),
            because: None,
            about: About::default(),
            correlation_id: None,
            job: None,
        }
    }

    subjects! {
        /// Who did it.
        user: UserId, fills "UserName";
        /// The VM that it is about.
        vm: VmId, fills "VmName", "vmName";
        /// The host that it is about.
        host: HostId, fills "VdsName", "HostName", "VDS";
        /// The template that it is about.
        template: TemplateId, fills "VmTemplateName", "TemplateName";
        /// The cluster that it is about.
        cluster: ClusterId, fills "ClusterName", "Cluster";
        /// The data centre that it is about.
        data_center: DataCenterId, fills "StoragePoolName", "DataCenterName";
        /// The storage domain that it is about.
        storage_domain: StorageDomainId, fills "StorageDomainName";
    }

    /// The disk that the sentence names. The log has no column for it.
    #[must_use]
    pub fn disk(self, alias: &str) -> Self {
        self.with("DiskAlias", alias).with("DiskName", alias)
    }

    /// The network that the sentence names. The log has no column for it.
    #[must_use]
    pub fn network(self, name: &str) -> Self {
        self.with("NetworkName", name)
    }

    /// Gives the value of a placeholder that no object fills.
    #[must_use]
    pub fn with(mut self, placeholder: &str, value: impl ToString) -> Self {
        self.values.insert(placeholder.to_owned(), value.to_string());
        self
    }

    /// The reason that the user gave, as the sentences put it: in brackets behind the full stop, or nothing.
    #[must_use]
    pub fn reason(self, reason: Option<&str>) -> Self {
        match reason.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                let bracketed = format!(" Reason: {text}.");
                self.with("OptionalReason", bracketed)
            }
            None => self,
        }
    }

    /// Why it failed: where the sentence says so, or behind it. A cause that was given before stays.
    #[must_use]
    pub fn because(mut self, why: &str) -> Self {
        let why = why.trim();
        if why.is_empty() {
            return self;
        }
        match CAUSES.iter().find(|cause| self.sentence.template.contains(&format!("${{{cause}}}"))) {
            Some(cause) => {
                self.values.entry((*cause).to_owned()).or_insert_with(|| format!(": {}", why.trim_end_matches('.')));
            }
            None => self.because = Some(why.to_owned()),
        }
        self
    }

    /// The caller's name for the request.
    #[must_use]
    pub fn correlation(mut self, id: Option<String>) -> Self {
        self.correlation_id = id;
        self
    }

    /// The job that this belongs to.
    #[must_use]
    pub fn job(mut self, id: JobId) -> Self {
        self.job = Some(id);
        self
    }

    /// The type of this event.
    #[must_use]
    pub fn event(&self) -> &'static EventType {
        self.sentence.event
    }

    /// The sentence with its values. A value that nobody gave stands as `<UNKNOWN>`, an optional one as nothing.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = String::with_capacity(self.sentence.template.len() + 32);
        let mut rest = self.sentence.template;
        while let Some((before, after)) = rest.split_once("${") {
            message.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                message.push_str("${");
                rest = after;
                continue;
            };
            message.push_str(self.value(name));
            rest = tail;
        }
        message.push_str(rest);
        if let Some(why) = &self.because {
            message.push_str(" Reason: ");
            message.push_str(why);
            if !why.ends_with('.') {
                message.push('.');
            }
        }
        message
    }

    /// What makes two events the same for flood control: type and objects, and the name of a disk, not the words.
    #[must_use]
    pub fn flood_key(&self) -> String {
        fn id<T: Into<Uuid> + Copy>(named: &Option<(T, String)>) -> String {
            named.as_ref().map(|(id, _)| Into::<Uuid>::into(*id).to_string()).unwrap_or_default()
        }
        let about = &self.about;
        let disk = self.values.get("DiskAlias").map_or("", String::as_str);
        let parts = [id(&about.user), id(&about.vm), id(&about.host), id(&about.template), id(&about.storage_domain)];
        format!("{},{},{disk}", self.event().code.0, parts.join(","))
    }

    fn value(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(value) => value,
            None if name == "UserName" => SYSTEM_USER,
            None if name.starts_with("Optional") || name.starts_with("DueTo") => "",
            None => "<UNKNOWN>",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sentences::{USER_FAILED_REMOVE_VM, USER_FAILED_RUN_VM, USER_RUN_VM, USER_STOP_VM, VM_DOWN};

    #[test]
    fn objects_fill_their_placeholders() {
        let draft = USER_RUN_VM.draft().vm(VmId(Uuid::nil()), "web").host(HostId(Uuid::max()), "h1");
        assert_eq!(draft.message(), "VM web started on host h1.");
        assert_eq!(draft.about.host.map(|(id, _)| id), Some(HostId(Uuid::max())));
    }

    #[test]
    fn what_nobody_gave_is_named_unknown_and_what_is_optional_is_left_out() {
        assert_eq!(VM_DOWN.draft().message(), "VM <UNKNOWN> is down. <UNKNOWN>");
        let stop = USER_STOP_VM.draft().vm(VmId(Uuid::nil()), "web").host(HostId(Uuid::nil()), "h1");
        assert_eq!(stop.clone().message(), "VM web was powered off by SYSTEM (host: h1).");
        assert_eq!(stop.reason(Some(" full ")).message(), "VM web was powered off by SYSTEM (host: h1). Reason: full.");
    }

    #[test]
    fn a_failure_says_why() {
        let failed = USER_FAILED_RUN_VM.draft().vm(VmId(Uuid::nil()), "web").because("There is no host.");
        assert_eq!(failed.message(), "VM web could not be started: There is no host (user: SYSTEM).");
        let removal = USER_FAILED_REMOVE_VM.draft().vm(VmId(Uuid::nil()), "web");
        let bare = removal.message();
        assert_eq!(removal.because("it is up").message(), format!("{bare} Reason: it is up."));
    }

    #[test]
    fn a_value_is_not_read_as_a_placeholder() {
        let draft = VM_DOWN.draft().vm(VmId(Uuid::nil()), "${ExitMessage}").with("ExitMessage", "${VmName");
        assert_eq!(draft.message(), "VM ${ExitMessage} is down. ${VmName");
    }

    #[test]
    fn flooding_counts_objects_not_words() {
        let one = VM_DOWN.draft().vm(VmId(Uuid::nil()), "web").with("ExitMessage", "a");
        let two = VM_DOWN.draft().vm(VmId(Uuid::nil()), "web").with("ExitMessage", "b");
        assert_eq!(one.flood_key(), two.flood_key());
        assert_ne!(one.flood_key(), VM_DOWN.draft().vm(VmId(Uuid::max()), "web").flood_key());
    }
}

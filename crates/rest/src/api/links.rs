//! The `href`, `link`s and `actions` of entities, from the service tree. Which types are entities stands in one list;
//! nothing else here knows any of them.

use std::fmt::Display;

use ferrovirt_wire::tree::Service;
use ferrovirt_wire::{Actions, Link, types};

/// What every type with an address of its own has.
pub trait Entity: Default {
    /// The id, as written in the document.
    fn id(&self) -> Option<&str>;
    /// Sets id and address.
    fn identify(&mut self, id: String, href: String);
    /// Sets the links of the sub-collections and the actions.
    fn attach(&mut self, link: Vec<Link>, actions: Option<Actions>);
}

macro_rules! entities {
    ($($name:ident)*) => {$(
        impl Entity for types::$name {
            fn id(&self) -> Option<&str> {
                self.id.as_deref()
            }

            fn identify(&mut self, id: String, href: String) {
                self.id = Some(id);
                self.href = Some(href);
            }

            fn attach(&mut self, link: Vec<Link>, actions: Option<Actions>) {
                self.link = link;
                self.actions = actions;
            }
        }
    )*};
}

entities! {
    AffinityGroup AffinityLabel Application Bookmark Cdrom Cluster ClusterLevel CpuProfile DataCenter Disk DiskAttachment
    DiskProfile DiskSnapshot Domain Event ExternalHostProvider GraphicsConsole Group Host HostDevice HostNic HostStorage Icon
    ImageTransfer InstanceType Job MacPool Network NetworkAttachment NetworkFilter NetworkFilterParameter Nic
    OpenStackImageProvider OpenStackNetworkProvider OpenStackVolumeProvider OperatingSystemInfo Permission Permit Quota
    ReportedDevice Role SchedulingPolicy SchedulingPolicyUnit Session Snapshot SshPublicKey Statistic Step
    StorageConnection StorageDomain SystemOption Tag Template User UserOption Vm VmPool VnicProfile Watchdog
}

/// Gives an entity its id, its href and everything that hangs below it: a link for each sub-collection, an action for
/// each verb. `service` is the item's service (`VmService`), `href` the entity's own.
pub fn decorate<T: Entity>(service: &'static Service, href: &str, id: impl Display, entity: &mut T) {
    let below = |rel: &'static str| Link::new(rel, [href, "/", rel].concat());
    let actions: Vec<Link> = service.actions().map(below).collect();
    entity.identify(id.to_string(), href.to_owned());
    entity.attach(service.links().map(below).collect(), (!actions.is_empty()).then_some(Actions { link: actions }));
}

/// A reference to another entity: id and href, nothing else.
#[must_use]
pub fn reference<T: Entity>(href: impl Into<String>, id: impl Display) -> T {
    let mut entity = T::default();
    entity.identify(id.to_string(), href.into());
    entity
}

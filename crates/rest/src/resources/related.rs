//! What clients follow: references and the lists below an entity, put into documents with one read for all of them,
//! whatever their number. Which references a document has stands in one table; the lists are the areas' own.

use std::collections::HashMap;
use std::str::FromStr;

use ferrovirt_engine::now;
use ferrovirt_model::catalogue::{network_filters, policies, policy_units};
use ferrovirt_wire::{List, types};
use futures::future::BoxFuture;

use super::{
    catalogues, clusters, data_centers, disks, domains, hosts, jobs, mac_pools, networks, roles, storage_domains, tags,
    templates, users, vms, vnic_profiles,
};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Follow, distinct};
use crate::api::links::Entity;
use crate::api::registry::Answer;
use crate::api::reply::Reply;

/// A document that has something to follow.
pub(crate) trait Followed: Sized + Send + 'static {
    /// Puts what is followed into documents.
    fn inline<'a>(call: &'a Call, follow: &'a Follow, shown: &'a mut [Self]) -> BoxFuture<'a, Result<(), Fault>>;
}

/// An entity that others refer to.
pub(crate) trait Referred: Entity + Clone + Send + Sync + 'static {
    /// The documents of entities by their ids, with what is followed below, in no order. What is not there, or what the
    /// caller may not know of, is left out.
    fn read<'a>(call: &'a Call, below: &'a Follow, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Self>, Fault>>;
}

/// `Type { its references } + what puts in its lists`.
macro_rules! followed {
    ($($name:ident { $($field:ident)* } $(+ $lists:path)?;)*) => {$(
        impl Followed for types::$name {
            fn inline<'a>(
                call: &'a Call,
                follow: &'a Follow,
                shown: &'a mut [Self],
            ) -> BoxFuture<'a, Result<(), Fault>> {
                Box::pin(async move {
                    if follow.is_empty() || shown.is_empty() {
                        return Ok(());
                    }
                    $(references(call, follow, stringify!($field), shown.iter_mut().map(|one| &mut one.$field)).await?;)*
                    $($lists(call, follow, shown).await?;)?
                    Ok(())
                })
            }
        }
    )*};
}

followed! {
    Application { vm };
    Balance { scheduling_policy_unit };
    Cdrom { vm template };
    Cluster { data_center mac_pool scheduling_policy } + clusters::lists;
    ClusterLevel {} + catalogues::lists_of_levels;
    CpuProfile { cluster } + clusters::lists_of_cpu_profiles;
    DataCenter { mac_pool } + data_centers::lists;
    Disk { disk_profile } + disks::lists;
    DiskAttachment { disk vm template };
    DiskProfile { storage_domain } + storage_domains::lists_of_disk_profiles;
    DiskSnapshot { disk } + disks::lists_of_disk_snapshots;
    Domain {} + domains::lists;
    Event { cluster data_center host storage_domain template user vm };
    File { storage_domain };
    Filter { scheduling_policy_unit };
    GraphicsConsole { vm template };
    Group { domain } + users::lists_of_groups;
    Host { cluster } + hosts::lists;
    HostNic { host network } + hosts::lists_of_nics;
    ImageTransfer { disk host };
    Job { owner } + jobs::lists;
    MacPool {} + mac_pools::lists;
    Network { cluster data_center } + networks::lists;
    NetworkAttachment { host network } + hosts::lists_of_attachments;
    Nic { vm template vnic_profile } + vms::lists_of_nics;
    NumaNode { host };
    Permission { cluster data_center disk group host role storage_domain template user vm };
    Permit { role };
    ReportedDevice { vm };
    Role {} + roles::lists;
    SchedulingPolicy {} + catalogues::lists_of_policies;
    Session { vm };
    Snapshot { vm } + vms::lists_of_snapshots;
    Step { job } + jobs::lists_of_steps;
    StorageDomain { data_center } + storage_domains::lists;
    Tag { group host parent template user vm };
    Template { cluster cpu_profile } + templates::lists;
    User { domain } + users::lists;
    Vm { cluster cpu_profile host original_template template } + vms::lists;
    VnicProfile { network network_filter } + vnic_profiles::lists;
    Weight { scheduling_policy_unit };
}

macro_rules! referred {
    ($($name:ident = |$call:ident, $below:ident, $ids:ident| $body:expr;)*) => {$(
        impl Referred for types::$name {
            fn read<'a>(
                $call: &'a Call,
                $below: &'a Follow,
                $ids: &'a [String],
            ) -> BoxFuture<'a, Result<Vec<Self>, Fault>> {
                Box::pin(async move { $body })
            }
        }
    )*};
}

referred! {
    Cluster = |call, below, ids| {
        clusters::present(call, below, call.engine().clusters(&call.caller, &typed(ids)).await?).await
    };
    CpuProfile = |call, below, ids| {
        let mut found = call.engine().cpu_profiles(&call.caller, None).await?;
        found.retain(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.iter().map(|one| clusters::cpu_profile(&call.hrefs, one)).collect()).await
    };
    DataCenter = |call, below, ids| {
        data_centers::present(call, below, call.engine().data_centers(&call.caller, &typed(ids)).await?).await
    };
    Disk = |call, below, ids| disks::present(call, below, call.engine().disks(&call.caller, &typed(ids)).await?).await;
    DiskProfile = |call, below, ids| {
        let mut found = call.engine().disk_profiles(&call.caller, None).await?;
        found.retain(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.iter().map(|one| storage_domains::disk_profile(&call.hrefs, one)).collect()).await
    };
    Domain = |call, below, ids| {
        let mut found = vec![domains::document(&call.hrefs)];
        found.retain(|one| one.id.as_ref().is_some_and(|id| ids.contains(id)));
        inlined(call, below, found).await
    };
    Group = |call, below, ids| {
        let found = call.engine().groups(&call.caller, &typed(ids)).await?;
        inlined(call, below, found.iter().map(|one| users::own_group(&call.hrefs, one)).collect()).await
    };
    Host = |call, below, ids| hosts::present(call, below, call.engine().host_views(&call.caller, &typed(ids)).await?).await;
    Job = |call, below, ids| {
        let found = call.engine().jobs_by_id(&call.caller, &typed(ids)).await?;
        inlined(call, below, found.iter().map(|one| jobs::document(&call.hrefs, one)).collect()).await
    };
    MacPool = |call, below, ids| {
        let mut found = call.engine().mac_pools(&call.caller).await?;
        found.retain(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.iter().map(|one| mac_pools::to_wire(&call.hrefs, one)).collect()).await
    };
    Network = |call, below, ids| {
        networks::present(call, below, call.engine().networks(&call.caller, &typed(ids)).await?).await
    };
    NetworkFilter = |call, _below, ids| {
        let found = network_filters::NETWORK_FILTERS.iter().filter(|one| ids.contains(&one.id.to_string()));
        Ok(found.map(|one| vnic_profiles::filter_to_wire(&call.hrefs, one)).collect())
    };
    Role = |call, below, ids| {
        let mut found = call.engine().roles().await?;
        found.retain(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.iter().map(|one| roles::document(&call.hrefs, one)).collect()).await
    };
    SchedulingPolicy = |call, below, ids| {
        let found = policies::BUILT_IN_POLICIES.iter().filter(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.map(|one| catalogues::policy(&call.hrefs, one)).collect()).await
    };
    SchedulingPolicyUnit = |call, _below, ids| {
        let found = policy_units::POLICY_UNITS.iter().filter(|one| ids.contains(&one.id.to_string()));
        Ok(found.filter_map(|one| catalogues::policy_unit(&call.hrefs, one)).collect())
    };
    StorageDomain = |call, below, ids| {
        storage_domains::present(call, below, call.engine().storage_domains(&call.caller, &typed(ids)).await?).await
    };
    Tag = |call, below, ids| {
        // Only administrators may know of tags that hang on nothing.
        if !call.caller.session.administrator {
            return Ok(Vec::new());
        }
        let mut found = call.engine().tags(&call.caller).await?;
        found.retain(|one| ids.contains(&one.id.to_string()));
        inlined(call, below, found.iter().map(|one| tags::own(&call.hrefs, one)).collect()).await
    };
    Template = |call, below, ids| {
        templates::present(call, below, &call.engine().templates(&call.caller, &typed(ids)).await?).await
    };
    User = |call, below, ids| {
        let found = call.engine().users(&call.caller, &typed(ids)).await?;
        inlined(call, below, found.iter().map(|one| users::own(&call.hrefs, one)).collect()).await
    };
    Vm = |call, below, ids| {
        vms::documents(call, below, &call.engine().vms(&call.caller, &typed(ids)).await?, now()).await
    };
    VnicProfile = |call, below, ids| {
        let found = call.engine().vnic_profiles_by_id(&call.caller, &typed(ids)).await?;
        inlined(call, below, found.iter().map(|one| vnic_profiles::to_wire(&call.hrefs, one)).collect()).await
    };
}

fn typed<Id: FromStr>(ids: &[String]) -> Vec<Id> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

/// The ids of documents, in their type.
pub(crate) fn ids_of<T: Entity, Id: FromStr>(shown: &[T]) -> Vec<Id> {
    shown.iter().filter_map(|one| one.id()?.parse().ok()).collect()
}

/// The id of a reference, in its type.
pub(crate) fn id_of<T: Entity, Id: FromStr>(reference: Option<&T>) -> Option<Id> {
    reference?.id()?.parse().ok()
}

/// Documents with what is followed below them.
pub(crate) async fn inlined<T: Followed>(call: &Call, follow: &Follow, mut shown: Vec<T>) -> Result<Vec<T>, Fault> {
    T::inline(call, follow, &mut shown).await?;
    Ok(shown)
}

/// Answers a list with what the client follows.
pub(crate) async fn many<T: Followed + ferrovirt_wire::Element>(call: &Call, shown: Vec<T>) -> Answer {
    Ok(Reply::ok(List::from(inlined(call, &call.follow, shown).await?)))
}

/// Answers one entity with what the client follows.
pub(crate) async fn one<T: Followed + ferrovirt_wire::Element>(call: &Call, shown: T) -> Answer {
    let mut shown = inlined(call, &call.follow, vec![shown]).await?;
    Ok(Reply::ok(shown.pop().ok_or_else(Fault::not_found)?))
}

/// Puts entities in the place of references to them, where the link is followed.
pub(crate) async fn references<'d, T: Referred>(
    call: &Call,
    follow: &Follow,
    link: &str,
    places: impl Iterator<Item = &'d mut Option<Box<T>>>,
) -> Result<(), Fault> {
    let places = places.filter_map(|place| place.as_deref_mut()).collect();
    match follow.at(link) {
        Some(below) => each(call, below, places).await,
        None => Ok(()),
    }
}

/// Puts entities in the place of references to them.
pub(crate) async fn each<T: Referred>(call: &Call, below: &Follow, places: Vec<&mut T>) -> Result<(), Fault> {
    let ids = distinct(places.iter().filter_map(|place| place.id().map(str::to_owned)));
    if ids.is_empty() {
        return Ok(());
    }
    let found = T::read(call, below, &ids).await?.into_iter();
    let found: HashMap<String, T> = found.filter_map(|one| Some((one.id()?.to_owned(), one))).collect();
    for place in places {
        if let Some(one) = place.id().and_then(|id| found.get(id)) {
            *place = one.clone();
        }
    }
    Ok(())
}

/// Hangs lists below their parents: rows with the id of the parent that each belongs to, in the order of the list.
pub(crate) async fn hang<P: Entity + Send, T: Followed>(
    call: &Call,
    below: &Follow,
    parents: &mut [P],
    place: fn(&mut P) -> &mut Option<List<T>>,
    rows: Vec<(String, T)>,
) -> Result<(), Fault> {
    let (owners, documents): (Vec<String>, Vec<T>) = rows.into_iter().unzip();
    let documents = inlined(call, below, documents).await?;
    put(parents, place, owners.into_iter().zip(documents));
    Ok(())
}

/// The same for lists of what has nothing to follow.
pub(crate) fn put<P: Entity, T>(
    parents: &mut [P],
    place: fn(&mut P) -> &mut Option<List<T>>,
    rows: impl IntoIterator<Item = (String, T)>,
) {
    let mut sorted: HashMap<String, Vec<T>> = HashMap::new();
    for (owner, row) in rows {
        sorted.entry(owner).or_default().push(row);
    }
    for parent in parents {
        let own = parent.id().and_then(|id| sorted.remove(id)).unwrap_or_default();
        *place(parent) = Some(List::from(own));
    }
}

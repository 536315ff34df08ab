//! Links of the root document in the order that the reference engine writes them. Clients find the top collections here.

/// A link of the root document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootLink {
    /// How it is called: `vms`, or `vms/search` for the template of a search.
    pub rel: &'static str,
    /// What follows the address of the API: `/vms`, `/vms?search={query}`.
    pub href_suffix: &'static str,
}

impl RootLink {
    /// Whether this is the template of a search and not a collection.
    pub fn is_search(&self) -> bool {
        self.rel.ends_with("/search")
    }
}

const fn link(rel: &'static str, href_suffix: &'static str) -> RootLink {
    RootLink { rel, href_suffix }
}

/// All links, in order.
pub static LINKS: &[RootLink] = &[
    link("clusters", "/clusters"),
    link("clusters/search", "/clusters?search={query}"),
    link("datacenters", "/datacenters"),
    link("datacenters/search", "/datacenters?search={query}"),
    link("events", "/events"),
    link("events/search", "/events;from={event_id}?search={query}"),
    link("hosts", "/hosts"),
    link("hosts/search", "/hosts?search={query}"),
    link("networks", "/networks"),
    link("networks/search", "/networks?search={query}"),
    link("roles", "/roles"),
    link("storagedomains", "/storagedomains"),
    link("storagedomains/search", "/storagedomains?search={query}"),
    link("tags", "/tags"),
    link("bookmarks", "/bookmarks"),
    link("icons", "/icons"),
    link("templates", "/templates"),
    link("templates/search", "/templates?search={query}"),
    link("instancetypes", "/instancetypes"),
    link("instancetypes/search", "/instancetypes?search={query}"),
    link("users", "/users"),
    link("users/search", "/users?search={query}"),
    link("groups", "/groups"),
    link("groups/search", "/groups?search={query}"),
    link("domains", "/domains"),
    link("vmpools", "/vmpools"),
    link("vmpools/search", "/vmpools?search={query}"),
    link("vms", "/vms"),
    link("vms/search", "/vms?search={query}"),
    link("disks", "/disks"),
    link("disks/search", "/disks?search={query}"),
    link("jobs", "/jobs"),
    link("storageconnections", "/storageconnections"),
    link("vnicprofiles", "/vnicprofiles"),
    link("diskprofiles", "/diskprofiles"),
    link("cpuprofiles", "/cpuprofiles"),
    link("schedulingpolicyunits", "/schedulingpolicyunits"),
    link("schedulingpolicies", "/schedulingpolicies"),
    link("permissions", "/permissions"),
    link("macpools", "/macpools"),
    link("networkfilters", "/networkfilters"),
    link("operatingsystems", "/operatingsystems"),
    link("externalhostproviders", "/externalhostproviders"),
    link("openstackimageproviders", "/openstackimageproviders"),
    link("openstackvolumeproviders", "/openstackvolumeproviders"),
    link("openstacknetworkproviders", "/openstacknetworkproviders"),
    link("katelloerrata", "/katelloerrata"),
    link("affinitylabels", "/affinitylabels"),
    link("clusterlevels", "/clusterlevels"),
    link("imagetransfers", "/imagetransfers"),
    link("externalvmimports", "/externalvmimports"),
    link("externaltemplateimports", "/externaltemplateimports"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn every_link_leads_to_a_collection_of_the_tree() {
        for link in LINKS {
            let path = link.href_suffix.split(['?', ';']).next().unwrap().trim_start_matches('/');
            let found = tree::resolve(&[path]).unwrap_or_else(|| panic!("{path} is not in the tree"));
            assert!(!found.service.operations.is_empty() && found.action.is_none(), "{path} is nothing");
            assert_eq!(link.rel.trim_end_matches("/search"), path);
        }
    }
}

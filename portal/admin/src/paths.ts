// Where each list of the administration portal stands. Pages build their links from these.

export const paths = {
  vms: '/compute/vms',
  templates: '/compute/templates',
  hosts: '/compute/hosts',
  clusters: '/compute/clusters',
  dataCenters: '/compute/datacenters',
  networks: '/network/networks',
  vnicProfiles: '/network/vnicprofiles',
  domains: '/storage/domains',
  disks: '/storage/disks',
  events: '/events',
  jobs: '/jobs',
};

/** The address of a list with a search in it. */
export function searched(path: string, search: string): string {
  return `${path}?search=${encodeURIComponent(search)}`;
}

// The collections of the API that the portal lists: path, member name, how they are searched and what is followed.
// Adding an entity to the portal starts with a line here.

/** The word by which the event stream and the cache name an entity. */
export type Kind =
  | 'vm'
  | 'template'
  | 'host'
  | 'cluster'
  | 'data_center'
  | 'network'
  | 'vnic_profile'
  | 'storage_domain'
  | 'disk'
  | 'event'
  | 'job'
  | 'image_transfer'
  | 'user'
  | 'tag';

export interface Resource {
  kind: Kind;
  /** Path segment below the API root. */
  path: string;
  /** Member name in the collection's JSON. */
  element: string;
  /** Whether the collection takes `?search=`; otherwise the portal filters what it holds. */
  searchable: boolean;
  /** What an item or a list entry brings along. */
  follow?: string;
  /** Field of the search language by which the list is sorted at first. */
  defaultSort: string;
}

export const RESOURCES: Record<Kind, Resource> = {
  vm: { kind: 'vm', path: 'vms', element: 'vm', searchable: true, follow: 'reported_devices', defaultSort: 'name' },
  template: { kind: 'template', path: 'templates', element: 'template', searchable: true, defaultSort: 'name' },
  host: { kind: 'host', path: 'hosts', element: 'host', searchable: true, follow: 'statistics', defaultSort: 'name' },
  cluster: { kind: 'cluster', path: 'clusters', element: 'cluster', searchable: true, defaultSort: 'name' },
  data_center: { kind: 'data_center', path: 'datacenters', element: 'data_center', searchable: true, defaultSort: 'name' },
  network: { kind: 'network', path: 'networks', element: 'network', searchable: true, defaultSort: 'name' },
  vnic_profile: { kind: 'vnic_profile', path: 'vnicprofiles', element: 'vnic_profile', searchable: false, defaultSort: 'name' },
  storage_domain: { kind: 'storage_domain', path: 'storagedomains', element: 'storage_domain', searchable: true, defaultSort: 'name' },
  disk: { kind: 'disk', path: 'disks', element: 'disk', searchable: true, defaultSort: 'alias' },
  event: { kind: 'event', path: 'events', element: 'event', searchable: true, defaultSort: 'time' },
  job: { kind: 'job', path: 'jobs', element: 'job', searchable: false, follow: 'steps', defaultSort: 'start_time' },
  image_transfer: { kind: 'image_transfer', path: 'imagetransfers', element: 'image_transfer', searchable: false, defaultSort: 'id' },
  user: { kind: 'user', path: 'users', element: 'user', searchable: true, defaultSort: 'name' },
  tag: { kind: 'tag', path: 'tags', element: 'tag', searchable: false, defaultSort: 'name' },
};

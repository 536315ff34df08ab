// The shapes of the public API as they stand in JSON: integers and booleans are strings, dates are epoch milliseconds,
// decimals are numbers, absent means unknown. Knows nothing of how they are fetched or shown.

/** An integer on the wire, e.g. "1073741824". Read it with `int`. */
export type WireInteger = string;
/** A boolean on the wire, "true" or "false". Read it with `bool`. */
export type WireBoolean = string;
/** Epoch milliseconds. */
export type WireDate = number;

/** What a reference to another object holds. */
export interface Reference {
  id?: string;
  href?: string;
  name?: string;
}

export interface Entity extends Reference {
  description?: string;
  comment?: string;
}

export interface Version {
  major?: WireInteger;
  minor?: WireInteger;
  build?: WireInteger;
  revision?: WireInteger;
  full_version?: string;
}

export interface Ip {
  address?: string;
  gateway?: string;
  netmask?: string;
  version?: 'v4' | 'v6';
}

export interface Mac {
  address?: string;
}

export interface CpuTopology {
  cores?: WireInteger;
  sockets?: WireInteger;
  threads?: WireInteger;
}

export interface Cpu {
  name?: string;
  speed?: number;
  type?: string;
  architecture?: string;
  topology?: CpuTopology;
}

export interface GuestOperatingSystem {
  architecture?: string;
  codename?: string;
  distribution?: string;
  family?: string;
  kernel?: { version?: Version };
  version?: Version;
}

export interface ReportedDevice extends Entity {
  type?: string;
  mac?: Mac;
  ips?: { ip?: Ip[] };
}

export interface StatisticValue {
  datum?: number;
  detail?: string;
}

export interface Statistic extends Entity {
  kind?: string;
  type?: string;
  unit?: string;
  values?: { value?: StatisticValue[] };
}

export interface Vm extends Entity {
  status?: string;
  status_detail?: string;
  memory?: WireInteger;
  memory_policy?: { guaranteed?: WireInteger; max?: WireInteger; ballooning?: WireBoolean };
  cpu?: Cpu;
  os?: { type?: string; boot?: { devices?: { device?: string[] } } };
  type?: string;
  bios?: { type?: string };
  display?: { type?: string; address?: string; port?: WireInteger };
  origin?: string;
  fqdn?: string;
  delete_protected?: WireBoolean;
  stateless?: WireBoolean;
  high_availability?: { enabled?: WireBoolean; priority?: WireInteger };
  placement_policy?: { affinity?: string; hosts?: { host?: Reference[] } };
  guest_operating_system?: GuestOperatingSystem;
  guest_time_zone?: { name?: string; utc_offset?: string };
  next_run_configuration_exists?: WireBoolean;
  creation_time?: WireDate;
  start_time?: WireDate;
  stop_time?: WireDate;
  stop_reason?: string;
  cluster?: Reference;
  host?: Reference;
  template?: Reference;
  original_template?: Reference;
  reported_devices?: { reported_device?: ReportedDevice[] };
  statistics?: { statistic?: Statistic[] };
  nics?: { nic?: Nic[] };
  disk_attachments?: { disk_attachment?: DiskAttachment[] };
}

export interface Template extends Entity {
  status?: string;
  memory?: WireInteger;
  cpu?: Cpu;
  os?: { type?: string };
  type?: string;
  creation_time?: WireDate;
  cluster?: Reference;
  version?: { version_name?: string; version_number?: WireInteger; base_template?: Reference };
}

export interface Host extends Entity {
  address?: string;
  port?: WireInteger;
  status?: string;
  status_detail?: string;
  type?: string;
  memory?: WireInteger;
  max_scheduling_memory?: WireInteger;
  cpu?: Cpu;
  os?: { type?: string; version?: Version; custom_kernel_cmdline?: string; reported_kernel_cmdline?: string };
  version?: Version;
  libvirt_version?: Version;
  kvm?: WireBoolean;
  hardware_information?: {
    manufacturer?: string;
    product_name?: string;
    serial_number?: string;
    uuid?: string;
    version?: string;
  };
  certificate?: { subject?: string; organization?: string };
  summary?: { active?: WireInteger; migrating?: WireInteger; total?: WireInteger };
  external_status?: string;
  cluster?: Reference;
  statistics?: { statistic?: Statistic[] };
}

export interface HostNic extends Entity {
  mac?: Mac;
  ip?: Ip;
  ipv6?: Ip;
  mtu?: WireInteger;
  speed?: WireInteger;
  status?: string;
  boot_protocol?: string;
  bridged?: WireBoolean;
  base_interface?: string;
  vlan?: { id?: WireInteger };
  network?: Reference;
}

export interface Cluster extends Entity {
  cpu?: Cpu;
  version?: Version;
  bios_type?: string;
  data_center?: Reference;
  memory_policy?: { over_commit?: { percent?: WireInteger } };
  ballooning_enabled?: WireBoolean;
  switch_type?: string;
  firewall_type?: string;
  scheduling_policy?: Reference;
}

export interface DataCenter extends Entity {
  status?: string;
  local?: WireBoolean;
  version?: Version;
  quota_mode?: string;
  storage_format?: string;
}

export interface Network extends Entity {
  status?: string;
  mtu?: WireInteger;
  stp?: WireBoolean;
  vlan?: { id?: WireInteger };
  usages?: { usage?: string[] };
  required?: WireBoolean;
  data_center?: Reference;
}

export interface VnicProfile extends Entity {
  network?: Reference;
  network_filter?: Reference;
  port_mirroring?: WireBoolean;
  pass_through?: { mode?: string };
}

export interface HostStorage {
  type?: string;
  address?: string;
  path?: string;
  vfs_type?: string;
  mount_options?: string;
  nfs_version?: string;
}

export interface StorageDomain extends Entity {
  type?: string;
  status?: string;
  external_status?: string;
  storage?: HostStorage;
  storage_format?: string;
  available?: WireInteger;
  used?: WireInteger;
  committed?: WireInteger;
  master?: WireBoolean;
  wipe_after_delete?: WireBoolean;
  critical_space_action_blocker?: WireInteger;
  warning_low_space_indicator?: WireInteger;
  data_centers?: { data_center?: Reference[] };
  data_center?: Reference;
}

export interface Disk extends Entity {
  alias?: string;
  status?: string;
  format?: string;
  content_type?: string;
  storage_type?: string;
  sparse?: WireBoolean;
  shareable?: WireBoolean;
  bootable?: WireBoolean;
  wipe_after_delete?: WireBoolean;
  provisioned_size?: WireInteger;
  actual_size?: WireInteger;
  total_size?: WireInteger;
  initial_size?: WireInteger;
  storage_domains?: { storage_domain?: Reference[] };
  vms?: { vm?: Reference[] };
  template?: Reference;
  image_id?: string;
}

export interface DiskAttachment extends Entity {
  active?: WireBoolean;
  bootable?: WireBoolean;
  interface?: string;
  read_only?: WireBoolean;
  logical_name?: string;
  disk?: Disk;
  vm?: Reference;
}

export interface Nic extends Entity {
  interface?: string;
  linked?: WireBoolean;
  plugged?: WireBoolean;
  mac?: Mac;
  vnic_profile?: Reference;
  network?: Reference;
  reported_devices?: { reported_device?: ReportedDevice[] };
}

export interface GraphicsConsole extends Entity {
  protocol?: string;
  address?: string;
  port?: WireInteger;
  tls_port?: WireInteger;
}

export type Application = Entity;

export interface Session extends Entity {
  console_user?: WireBoolean;
  ip?: Ip;
  protocol?: string;
  user?: User;
}

export interface User extends Entity {
  user_name?: string;
  last_name?: string;
  principal?: string;
  domain?: Reference;
}

export interface Role extends Entity {
  administrative?: WireBoolean;
}

export interface Permission extends Entity {
  role?: Role;
  user?: User;
  group?: Reference;
}

export interface OperatingSystem extends Entity {
  architecture?: string;
}

export interface Event extends Entity {
  code?: WireInteger;
  severity?: string;
  time?: WireDate;
  correlation_id?: string;
  origin?: string;
  vm?: Reference;
  host?: Reference;
  cluster?: Reference;
  data_center?: Reference;
  storage_domain?: Reference;
  template?: Reference;
  user?: Reference;
}

export interface Step extends Entity {
  status?: string;
  type?: string;
  number?: WireInteger;
  progress?: WireInteger;
  start_time?: WireDate;
  end_time?: WireDate;
  parent_step?: Reference;
}

export interface Job extends Entity {
  status?: string;
  start_time?: WireDate;
  end_time?: WireDate;
  last_updated?: WireDate;
  external?: WireBoolean;
  owner?: Reference;
  steps?: { step?: Step[] };
}

export interface ImageTransfer extends Entity {
  phase?: string;
  direction?: string;
  format?: string;
  transferred?: WireInteger;
  transfer_url?: string;
  proxy_url?: string;
  active?: WireBoolean;
  disk?: Reference;
  host?: Reference;
}

export interface Fault {
  reason?: string;
  detail?: string;
}

export interface Action {
  status?: string;
  fault?: Fault;
  job?: Reference;
  ticket?: { value?: string; expiry?: WireInteger };
  proxy_ticket?: { value?: string };
  remote_viewer_connection_file?: string;
}

export interface ApiSummary {
  hosts?: { active?: WireInteger; total?: WireInteger };
  storage_domains?: { active?: WireInteger; total?: WireInteger };
  users?: { active?: WireInteger; total?: WireInteger };
  vms?: { active?: WireInteger; total?: WireInteger };
}

export interface Api {
  authenticated_user?: User;
  effective_user?: User;
  product_info?: { name?: string; vendor?: string; version?: Version; instance_id?: string };
  special_objects?: { blank_template?: Reference; root_tag?: Reference };
  summary?: ApiSummary;
  time?: WireDate;
}

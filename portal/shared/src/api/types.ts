// The API's shapes that the portals use. They come from `wire.ts`, which is generated from the engine's own types; here stand
// only the few that the portals give a name of their own. Knows nothing of how they are fetched or shown.

export type {
  Action,
  Api,
  ApiSummary,
  Application,
  Cluster,
  DataCenter,
  Disk,
  DiskAttachment,
  DiskInterface,
  ApiEvent as Event,
  Fault,
  GraphicsConsole,
  Host,
  HostNic,
  HostStorage,
  ImageTransfer,
  Job,
  Network,
  Nic,
  NicInterface,
  OperatingSystemInfo as OperatingSystem,
  Permission,
  ReportedDevice,
  Role,
  Session,
  Statistic,
  Step,
  StorageDomain,
  Template,
  User,
  Version,
  Vm,
  VnicProfile,
  WireBoolean,
  WireDate,
  WireInteger,
} from './wire';

/** What a reference to another object holds. */
export interface Reference {
  id?: string;
  href?: string;
  name?: string;
}

/** What every listed object has. */
export interface Entity extends Reference {
  description?: string;
  comment?: string;
}

// The stand-in engine's world: entities in memory, changes with sequence numbers, work that takes a moment. A test fixture;
// it knows no HTTP.
import { randomUUID } from 'node:crypto';

export type Thing = Record<string, unknown> & { id: string; name?: string };
export interface ChangeNote {
  seq: number;
  kind: string;
  id: string;
  change: string;
}

export const BLANK = '00000000-0000-0000-0000-000000000000';
const GIB = 1024 ** 3;

export class World {
  readonly things = new Map<string, Map<string, Thing>>();
  readonly parts = new Map<string, Thing[]>();
  readonly listeners = new Set<(note: ChangeNote) => void>();
  notes: ChangeNote[] = [];
  private seq = 100;
  private eventId = 1000;
  /** Milliseconds of one step of work. */
  pace = 600;

  all(kind: string): Thing[] {
    return [...(this.things.get(kind)?.values() ?? [])];
  }

  get(kind: string, id: string): Thing | undefined {
    return this.things.get(kind)?.get(id);
  }

  add(kind: string, thing: Omit<Thing, 'id'> & { id?: string }): Thing {
    const whole = { ...thing, id: thing.id ?? randomUUID() } as Thing;
    const ofKind = this.things.get(kind) ?? new Map<string, Thing>();
    ofKind.set(whole.id, whole);
    this.things.set(kind, ofKind);
    this.tell(kind, whole.id, 'created');
    return whole;
  }

  update(kind: string, id: string, part: Record<string, unknown>): Thing | undefined {
    const thing = this.get(kind, id);
    if (!thing) return undefined;
    for (const [key, value] of Object.entries(part)) {
      if (value === undefined) delete thing[key];
      else thing[key] = value;
    }
    this.tell(kind, id, 'updated');
    return thing;
  }

  remove(kind: string, id: string): void {
    if (this.things.get(kind)?.delete(id)) this.tell(kind, id, 'removed');
  }

  part(kind: string, id: string, part: string): Thing[] {
    const key = `${kind}/${id}/${part}`;
    const list = this.parts.get(key) ?? [];
    this.parts.set(key, list);
    return list;
  }

  event(description: string, severity = 'normal', refs: Record<string, unknown> = {}, code = 30, ago = 0): void {
    this.eventId += 1;
    this.add('event', { id: String(this.eventId), description, severity, time: Date.now() - ago, code: String(code), origin: 'oVirt', ...refs });
  }

  private tell(kind: string, id: string, change: string): void {
    this.seq += 1;
    const note = { seq: this.seq, kind, id, change };
    this.notes.push(note);
    for (const listener of this.listeners) listener(note);
  }

  /** Work with steps; `during` is told the progress of each, 0 to 100. */
  job(description: string, steps: string[], correlationId: string, during: (step: number, progress: number) => void, done: () => void): Thing {
    const job = this.add('job', { description, status: 'started', start_time: Date.now(), correlation: correlationId, steps: { step: [] as Thing[] } });
    const list = (job['steps'] as { step: Thing[] }).step;
    const tick = (index: number, progress: number): void => {
      if (!list[index]) list[index] = { id: randomUUID(), description: steps[index] ?? '', status: 'started', number: String(index), start_time: Date.now() };
      list[index]['progress'] = String(progress);
      during(index, progress);
      if (progress >= 100) {
        list[index]['status'] = 'finished';
        list[index]['end_time'] = Date.now();
        if (index + 1 >= steps.length) {
          done();
          this.update('job', job.id, { status: 'finished', end_time: Date.now() });
          return;
        }
        this.update('job', job.id, {});
        setTimeout(() => tick(index + 1, 0), this.pace / 4);
        return;
      }
      this.update('job', job.id, {});
      setTimeout(() => tick(index, progress + 25), this.pace / 3);
    };
    setTimeout(() => tick(0, 0), this.pace / 3);
    return job;
  }
}

const sample = (name: string, unit: string, datum: number): Thing => ({
  id: randomUUID(),
  name,
  description: name,
  kind: 'gauge',
  type: 'decimal',
  unit,
  values: { value: [{ datum }] },
});

function addHost(world: World, name: string, address: string, status: string, clusterId: string, cpu: number): Thing {
  const samples = [
    sample('memory.total', 'bytes', 64 * GIB),
    sample('memory.used', 'bytes', 64 * GIB * (cpu / 100) * 1.3),
    sample('memory.free', 'bytes', 20 * GIB),
    sample('cpu.current.idle', 'percent', 100 - cpu),
    sample('cpu.current.user', 'percent', cpu * 0.8),
    sample('cpu.current.system', 'percent', cpu * 0.2),
    sample('cpu.load.avg.5m', 'percent', cpu),
    sample('boot.time', 'none', Math.floor(Date.now() / 1000) - 860_000),
  ];
  const host = world.add('host', {
    name,
    address,
    port: '54321',
    status,
    type: 'rhel',
    memory: String(64 * GIB),
    max_scheduling_memory: String(40 * GIB),
    cpu: { name: 'AMD EPYC 7543', type: 'Secure AMD EPYC', topology: { sockets: '2', cores: '8', threads: '2' } },
    os: { type: 'Debian GNU/Linux', version: { full_version: '12.9' } },
    version: { full_version: '0.1.0' },
    libvirt_version: { full_version: '9.0.0' },
    summary: status === 'up' ? { active: '2', migrating: '0', total: '2' } : { active: '0', migrating: '0', total: '0' },
    hardware_information: { manufacturer: 'Supermicro', product_name: 'AS-1024US', serial_number: 'S0001', uuid: randomUUID() },
    cluster: { id: clusterId },
    statistics: { statistic: samples },
  });
  world.part('host', host.id, 'nics').push(
    { id: randomUUID(), name: 'eth0', status: 'up', mac: { address: '52:54:00:00:00:01' }, mtu: '1500', speed: '10000000000', ip: { address, version: 'v4' } },
    { id: randomUUID(), name: 'ovirtmgmt', status: 'up', mtu: '1500', bridged: 'true', network: { id: 'net-mgmt' } },
  );
  world.part('host', host.id, 'statistics').push(...samples);
  return host;
}

/** Adds a machine with its disk, NIC and what its guest tells. */
export function addVm(world: World, name: string, status: string, clusterId: string, host: Thing | undefined, number: number): Thing {
  const vm = world.add('vm', {
    name,
    status,
    memory: String(2 * GIB),
    memory_policy: { guaranteed: String(GIB) },
    cpu: { topology: { sockets: '2', cores: '1', threads: '1' } },
    os: { type: 'debian_12' },
    type: 'server',
    bios: { type: 'q35_sea_bios' },
    creation_time: Date.now() - 86_400_000 * 12,
    cluster: { id: clusterId },
    template: { id: BLANK },
    delete_protected: 'false',
    high_availability: { enabled: String(name === 'web1'), priority: '1' },
  });
  if (host && status !== 'down') run(world, vm, host, number);
  const disk = addDisk(world, `${name}_disk1`, 20, vm.id);
  world.part('vm', vm.id, 'diskattachments').push({ id: disk.id, active: 'true', bootable: 'true', interface: 'virtio_scsi', logical_name: '/dev/sda', disk: { id: disk.id } });
  world.part('vm', vm.id, 'nics').push({ id: randomUUID(), name: 'nic1', interface: 'virtio', plugged: 'true', linked: 'true', mac: { address: `56:6f:1a:00:00:${String(number).padStart(2, '0')}` }, vnic_profile: { id: 'vp-mgmt' } });
  world.part('vm', vm.id, 'graphicsconsoles').push({ id: '766e63', protocol: 'vnc' });
  return vm;
}

/** What a running guest tells of itself. */
export function run(world: World, vm: Thing, host: Thing, number: number): void {
  const device = { id: randomUUID(), name: 'eth0', type: 'network', mac: { address: '56:6f:1a:00:00:01' }, ips: { ip: [{ address: `192.168.122.${10 + number}`, version: 'v4' }, { address: 'fe80::1', version: 'v6' }] } };
  world.update('vm', vm.id, {
    host: { id: host.id },
    start_time: Date.now() - 3_600_000 * (number + 1),
    fqdn: `${vm.name ?? ''}.example.org`,
    guest_operating_system: { distribution: 'Debian GNU/Linux', version: { full_version: '12' }, codename: 'bookworm', family: 'Linux', architecture: 'x86_64', kernel: { version: { full_version: '6.1.0-28' } } },
    guest_time_zone: { name: 'CET', utc_offset: '+01:00' },
    reported_devices: { reported_device: [device] },
  });
  world.part('vm', vm.id, 'reporteddevices').splice(0, 99, device);
  world.part('vm', vm.id, 'applications').splice(0, 99, ...['openssh-server 9.2', 'nginx 1.22', 'linux-image-6.1'].map((name) => ({ id: randomUUID(), name })));
  world.part('vm', vm.id, 'sessions').splice(0, 99, { id: randomUUID(), user: { user_name: 'root' }, protocol: 'ssh', ip: { address: '192.168.122.1' } });
  world.part('vm', vm.id, 'statistics').splice(
    0,
    99,
    sample('cpu.current.total', 'percent', 12 + number),
    sample('memory.installed', 'bytes', 2 * GIB),
    sample('memory.used', 'bytes', 0.7 * GIB),
    sample('memory.free', 'bytes', 1.2 * GIB),
    sample('network.current.total', 'percent', 3),
    sample('migration.progress', 'percent', 0),
  );
}

/** Takes away what only a running guest tells. */
export function rest(world: World, vm: Thing): void {
  world.update('vm', vm.id, { status: 'down', host: undefined, reported_devices: undefined, fqdn: undefined, start_time: undefined, stop_time: Date.now(), guest_operating_system: undefined });
  for (const part of ['reporteddevices', 'applications', 'sessions', 'statistics']) world.part('vm', vm.id, part).length = 0;
}

export function addDisk(world: World, name: string, gib: number, vmId?: string, more: Record<string, unknown> = {}): Thing {
  return world.add('disk', {
    name,
    alias: name,
    status: 'ok',
    format: 'cow',
    content_type: 'data',
    storage_type: 'image',
    sparse: 'true',
    shareable: 'false',
    provisioned_size: String(gib * GIB),
    actual_size: String(Math.round((gib * GIB) / 5)),
    storage_domains: { storage_domain: [{ id: 'sd-data' }] },
    ...(vmId ? { vms: { vm: [{ id: vmId }] } } : {}),
    ...more,
  });
}

/** A small data centre. `manyVms` more machines stand in it for tests of long lists. */
export function newWorld(manyVms = 0): World {
  const world = new World();
  const version = { major: '4', minor: '8' };
  world.add('data_center', { id: 'dc', name: 'Default', status: 'up', local: 'false', version, storage_format: 'v5', quota_mode: 'disabled', description: 'The default data centre' });
  world.add('cluster', { id: 'cl', name: 'Default', version, cpu: { type: 'Secure AMD EPYC', architecture: 'x86_64' }, data_center: { id: 'dc' }, bios_type: 'q35_ovmf', memory_policy: { over_commit: { percent: '100' } }, ballooning_enabled: 'true', switch_type: 'legacy' });
  world.add('network', { id: 'net-mgmt', name: 'ovirtmgmt', data_center: { id: 'dc' }, mtu: '0', usages: { usage: ['vm', 'management', 'migration'] }, description: 'Management network' });
  world.add('network', { id: 'net-web', name: 'web', data_center: { id: 'dc' }, mtu: '0', vlan: { id: '120' }, usages: { usage: ['vm'] } });
  world.add('vnic_profile', { id: 'vp-mgmt', name: 'ovirtmgmt', network: { id: 'net-mgmt' }, port_mirroring: 'false' });
  world.add('vnic_profile', { id: 'vp-web', name: 'web', network: { id: 'net-web' }, port_mirroring: 'false' });
  world.add('template', { id: BLANK, name: 'Blank', status: 'ok', memory: String(GIB), cpu: { topology: { sockets: '1', cores: '1', threads: '1' } }, os: { type: 'other' }, creation_time: Date.now() - 86_400_000 * 30 });
  world.add('template', { name: 'debian-12', status: 'ok', memory: String(2 * GIB), cpu: { topology: { sockets: '2', cores: '1', threads: '1' } }, os: { type: 'debian_12' }, cluster: { id: 'cl' }, creation_time: Date.now() - 86_400_000 * 3 });
  const one = addHost(world, 'host1', '192.168.122.2', 'up', 'cl', 31);
  const two = addHost(world, 'host2', '192.168.122.3', 'up', 'cl', 22);
  addHost(world, 'host3', '192.168.122.4', 'maintenance', 'cl', 0);
  world.add('storage_domain', { id: 'sd-data', name: 'data', type: 'data', status: 'active', master: 'true', storage: { type: 'nfs', address: 'nas.example.org', path: '/exports/data' }, storage_format: 'v5', available: String(380 * GIB), used: String(640 * GIB), committed: String(800 * GIB), data_centers: { data_center: [{ id: 'dc' }] } });
  world.add('storage_domain', { id: 'sd-new', name: 'archive', type: 'data', storage: { type: 'posixfs', path: '/srv/archive', vfs_type: 'xfs' }, storage_format: 'v5', available: String(900 * GIB), used: String(100 * GIB) });
  for (const [index, name] of ['web1', 'web2', 'database', 'mail'].entries()) addVm(world, name, index < 3 ? 'up' : 'down', 'cl', index % 2 ? two : one, index);
  addVm(world, 'build-runner', 'paused', 'cl', one, 7);
  for (let index = 0; index < manyVms; index += 1) addVm(world, `vm-${String(index).padStart(5, '0')}`, 'down', 'cl', undefined, 0);
  addDisk(world, 'debian-12-cloud', 2);
  world.event('VM web1 started on Host host1', 'normal', { vm: { id: world.all('vm')[0]?.id } }, 32, 60_000);
  world.event('Host host3 cannot be reached over its storage network.', 'warning', { host: { id: world.all('host')[2]?.id } }, 12, 120_000);
  world.event('VM build-runner has been paused due to no storage space.', 'error', {}, 138, 180_000);
  world.event('Storage Domain data was attached to Data Center Default by admin@internal', 'normal', {}, 966, 240_000);
  world.event('User admin@internal logged in.', 'normal', {}, 30, 300_000);
  return world;
}

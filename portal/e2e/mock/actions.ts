// What the stand-in engine does when asked: starts, stops and moves machines with jobs that take a moment. A test fixture.
import { randomUUID } from 'node:crypto';
import { addDisk, rest, run, type Thing, type World } from './world';

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

type Body = Record<string, unknown>;
type Action = (world: World, thing: Thing, body: Body, correlationId: string) => Body;

const jobRef = (job: Thing): Body => ({ status: 'complete', job: { id: job.id, href: `/ovirt-engine/api/jobs/${job.id}` } });

function setProgress(world: World, vm: Thing, progress: number): void {
  const entry = world.part('vm', vm.id, 'statistics').find((candidate) => candidate.name === 'migration.progress');
  if (entry) entry['values'] = { value: [{ datum: progress }] };
}

const vmActions: Record<string, Action> = {
  start: (world, vm, _body, correlation) => {
    if (vm['status'] !== 'down' && vm['status'] !== 'paused') throw new Refused(409, '[Cannot run VM. VM is running.]');
    const host = world.all('host').find((candidate) => candidate['status'] === 'up');
    if (!host) throw new Refused(409, '[Cannot run VM. There is no host that satisfies current scheduling constraints.]');
    world.update('vm', vm.id, { status: 'wait_for_launch', host: { id: host.id } });
    return jobRef(
      world.job(`Launching VM ${vm.name ?? ''}`, ['Scheduling', 'Starting QEMU', 'Waiting for the guest'], correlation, (step) => {
        if (step === 1 && vm['status'] === 'wait_for_launch') world.update('vm', vm.id, { status: 'powering_up' });
      }, () => {
        run(world, vm, host, 20);
        world.update('vm', vm.id, { status: 'up', start_time: Date.now() });
        world.event(`VM ${vm.name ?? ''} started on Host ${host.name ?? ''}`, 'normal', { vm: { id: vm.id } }, 32);
      }),
    );
  },
  shutdown: (world, vm, _body, correlation) => {
    world.update('vm', vm.id, { status: 'powering_down' });
    return jobRef(world.job(`Shutting down VM ${vm.name ?? ''}`, ['Asking the guest', 'Waiting for QEMU to end'], correlation, () => undefined, () => rest(world, vm)));
  },
  stop: (world, vm) => {
    rest(world, vm);
    world.event(`VM ${vm.name ?? ''} powered off by admin@internal`, 'normal', { vm: { id: vm.id } }, 33);
    return { status: 'complete' };
  },
  reboot: (world, vm) => {
    world.update('vm', vm.id, { status: 'reboot_in_progress' });
    setTimeout(() => world.update('vm', vm.id, { status: 'up' }), world.pace);
    return { status: 'complete' };
  },
  migrate: (world, vm, body, correlation) => {
    const wanted = (body['host'] as Thing | undefined)?.id;
    const from = (vm['host'] as Thing | undefined)?.id;
    const target = world.all('host').find((host) => host['status'] === 'up' && host.id !== from && (!wanted || host.id === wanted));
    if (!target) throw new Refused(409, '[Cannot migrate VM. There is no host that satisfies current scheduling constraints.]');
    world.update('vm', vm.id, { status: 'migrating' });
    return jobRef(
      world.job(`Migrating VM ${vm.name ?? ''} to host ${target.name ?? ''}`, ['Preparing the destination', 'Copying memory', 'Switching over'], correlation, (step, progress) => {
        setProgress(world, vm, step === 0 ? 0 : step === 1 ? progress : 100);
      }, () => {
        setProgress(world, vm, 0);
        world.update('vm', vm.id, { status: 'up', host: { id: target.id } });
        world.event(`Migration completed (VM: ${vm.name ?? ''}, Destination: ${target.name ?? ''})`, 'normal', { vm: { id: vm.id } }, 63);
      }),
    );
  },
  cancelmigration: () => ({ status: 'complete' }),
};

const hostActions: Record<string, Action> = {
  activate: (world, host) => {
    world.update('host', host.id, { status: 'up' });
    return { status: 'complete' };
  },
  deactivate: (world, host) => {
    world.update('host', host.id, { status: 'preparing_for_maintenance' });
    setTimeout(() => world.update('host', host.id, { status: 'maintenance' }), world.pace * 2);
    return { status: 'complete' };
  },
};

/** Performs an action of an entity, or undefined when there is none of that name. */
export function perform(world: World, kind: string, id: string, action: string, body: Body, correlationId: string): Body | undefined {
  const thing = world.get(kind, id);
  if (!thing) throw new Refused(404, '');
  const known = kind === 'vm' ? vmActions[action] : kind === 'host' ? hostActions[action] : undefined;
  return known?.(world, thing, body, correlationId);
}

/** Makes an entity from the body of a POST. */
export function create(world: World, kind: string, body: Body): Thing {
  if (kind === 'vm') return createVm(world, body);
  if (kind === 'disk') {
    const disk = addDisk(world, String(body['name'] ?? ''), 1, undefined, { ...body, alias: body['name'], status: 'locked' });
    setTimeout(() => world.update('disk', disk.id, { status: 'ok' }), world.pace);
    return disk;
  }
  if (kind === 'storage_domain') return world.add(kind, { ...body, available: String(100 * 1024 ** 3), used: '0' });
  return world.add(kind, body);
}

function createVm(world: World, body: Body): Thing {
  const name = String(body['name'] ?? '');
  if (world.all('vm').some((vm) => vm.name === name)) throw new Refused(409, '[Cannot add VM. VM with the same name already exists.]');
  const vm = world.add('vm', { status: 'down', type: 'server', creation_time: Date.now(), delete_protected: 'false', ...body });
  world.part('vm', vm.id, 'graphicsconsoles').push({ id: '766e63', protocol: 'vnc' });
  world.event(`VM ${name} was created by admin@internal.`, 'normal', { vm: { id: vm.id } }, 34);
  return vm;
}

/** Adds to a sub-collection. */
export function addPart(world: World, kind: string, id: string, part: string, body: Body): Thing {
  const list = world.part(kind, id, part);
  if (kind === 'vm' && part === 'diskattachments') {
    const asked = body['disk'] as Body & { id?: string };
    const disk = asked.id ? world.get('disk', asked.id) : create(world, 'disk', asked);
    if (!disk) throw new Refused(404, '');
    world.update('disk', disk.id, { vms: { vm: [{ id }] } });
    const entry = { ...body, id: disk.id, active: 'true', disk: { id: disk.id } } as Thing;
    list.push(entry);
    world.update('vm', id, {});
    return entry;
  }
  const entry = { linked: 'true', plugged: 'true', mac: { address: '56:6f:1a:00:00:99' }, ...body, id: randomUUID() } as Thing;
  list.push(entry);
  world.update(kind, id, {});
  return entry;
}

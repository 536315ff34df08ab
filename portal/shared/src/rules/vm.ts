// What may be done to a virtual machine now, judged from what the API shows. Gives the reason where it may not, as a key of
// the translations. The engine judges again: these rules only keep people from asking in vain.
import { bool } from '../api/parse';
import type { Vm } from '../api/types';

export type VmAction =
  | 'start'
  | 'shutdown'
  | 'stop'
  | 'reboot'
  | 'migrate'
  | 'cancelMigration'
  | 'console'
  | 'edit'
  | 'remove'
  | 'makeTemplate';

/** States in which QEMU holds the machine. */
const RUNNING = new Set([
  'up',
  'powering_up',
  'powering_down',
  'wait_for_launch',
  'reboot_in_progress',
  'migrating',
  'paused',
  'saving_state',
  'restoring_state',
  'not_responding',
]);
const HAS_CONSOLE = new Set(['up', 'powering_up', 'powering_down', 'reboot_in_progress', 'migrating', 'paused']);

export function vmIsRunning(vm: Vm): boolean {
  return RUNNING.has(vm.status ?? '');
}

/** Undefined when the action may be asked for, else the translation key of the reason. */
export function vmRefusal(vm: Vm, action: VmAction): string | undefined {
  const status = vm.status ?? 'unknown';
  if (status === 'unknown' || status === 'unassigned') return action === 'edit' ? undefined : 'why.vm.unknown';
  if (status === 'image_locked') return action === 'edit' || action === 'console' ? 'why.vm.locked' : 'why.vm.imageLocked';
  return BY_ACTION[action](vm, status);
}

const BY_ACTION: Record<VmAction, (vm: Vm, status: string) => string | undefined> = {
  start: (_vm, status) =>
    ['down', 'suspended', 'paused'].includes(status) ? undefined : 'why.vm.alreadyRunning',
  shutdown: (_vm, status) => {
    if (status === 'down' || status === 'suspended') return 'why.vm.notRunning';
    if (status === 'migrating') return 'why.vm.migrating';
    return ['up', 'powering_up', 'powering_down', 'reboot_in_progress'].includes(status) ? undefined : 'why.vm.notUp';
  },
  stop: (_vm, status) => (status === 'down' ? 'why.vm.notRunning' : undefined),
  reboot: (_vm, status) => {
    if (status === 'migrating') return 'why.vm.migrating';
    return ['up', 'powering_up'].includes(status) ? undefined : 'why.vm.notUp';
  },
  migrate: (vm, status) => {
    if (status === 'migrating') return 'why.vm.migrating';
    if (vm.placement_policy?.affinity === 'pinned') return 'why.vm.pinned';
    return ['up', 'powering_up', 'paused', 'reboot_in_progress'].includes(status) ? undefined : 'why.vm.notUp';
  },
  cancelMigration: (_vm, status) => (status === 'migrating' ? undefined : 'why.vm.notMigrating'),
  console: (_vm, status) => (HAS_CONSOLE.has(status) ? undefined : 'why.vm.noConsole'),
  edit: () => undefined,
  remove: (vm, status) => {
    if (status !== 'down') return 'why.vm.mustBeDown';
    return bool(vm.delete_protected) ? 'why.vm.protected' : undefined;
  },
  makeTemplate: (_vm, status) => (status === 'down' ? undefined : 'why.vm.mustBeDown'),
};

/** The guest's addresses, IPv4 first, without loopback and link-local ones. */
export function guestAddresses(vm: Vm): string[] {
  const ips = (vm.reported_devices?.reported_device ?? []).flatMap((device) => device.ips?.ip ?? []);
  const useful = ips
    .map((ip) => ip.address ?? '')
    .filter((address) => address !== '' && !/^(127\.|::1$|fe80:|169\.254\.)/i.test(address));
  return [...new Set(useful)].sort((one, other) => Number(one.includes(':')) - Number(other.includes(':')));
}

/** Virtual CPUs: sockets × cores × threads. */
export function virtualCpus(cpu: Vm['cpu']): number {
  const topology = cpu?.topology;
  const part = (value: string | undefined): number => Number(value ?? '1') || 1;
  return part(topology?.sockets) * part(topology?.cores) * part(topology?.threads);
}

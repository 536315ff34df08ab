// What may be asked for in which state.
import { describe, expect, it } from 'vitest';
import { placeFault } from '../form/placeFault';
import { ApiFault } from '../api/fault';
import { WorkTracker } from '../jobs/tracker';
import { compare, filterAndSort } from '../table/clientOrder';
import { refusalOfAll } from '../table/ActionsBar';
import { diskRefusal, hostRefusal, storageDomainRefusal, templateRefusal } from './others';
import type { Vm } from '../api/types';
import { guestAddresses, virtualCpus, vmRefusal, type VmAction } from './vm';

const ACTIONS: VmAction[] = ['start', 'shutdown', 'stop', 'reboot', 'migrate', 'cancelMigration', 'console', 'remove'];

describe('virtual machines', () => {
  it.each([
    ['down', ['start', 'remove']],
    ['up', ['shutdown', 'stop', 'reboot', 'migrate', 'console']],
    ['powering_up', ['shutdown', 'stop', 'reboot', 'migrate', 'console']],
    ['migrating', ['stop', 'cancelMigration', 'console']],
    ['paused', ['start', 'stop', 'migrate', 'console']],
    ['wait_for_launch', ['stop']],
    ['image_locked', []],
    ['unknown', []],
  ] as [Vm['status'], VmAction[]][])('%s allows %j', (status, allowed) => {
    expect(ACTIONS.filter((action) => vmRefusal({ status }, action) === undefined)).toEqual(allowed);
  });

  it('keeps protected machines and pinned ones where they are', () => {
    expect(vmRefusal({ status: 'down', delete_protected: 'true' }, 'remove')).toBe('why.vm.protected');
    expect(vmRefusal({ status: 'up', placement_policy: { affinity: 'pinned' } }, 'migrate')).toBe('why.vm.pinned');
  });

  it('shows useful addresses once, IPv4 first', () => {
    const ip = ['fe80::1', '127.0.0.1', '2001:db8::5', '10.0.0.5', '10.0.0.5', '169.254.1.1'].map((address) => ({ address }));
    expect(guestAddresses({ reported_devices: { reported_device: [{ ips: { ip } }, {}] } })).toEqual(['10.0.0.5', '2001:db8::5']);
    expect(virtualCpus({ topology: { sockets: '2', cores: '4' } })).toBe(8);
  });
});

describe('other entities', () => {
  it('lets hosts go only from maintenance and without machines', () => {
    expect(hostRefusal({ status: 'up' }, 'remove')).toBe('why.host.mustBeInMaintenance');
    expect(hostRefusal({ status: 'maintenance', summary: { active: '1' } }, 'remove')).toBe('why.host.hasVms');
    expect(hostRefusal({ status: 'maintenance' }, 'remove')).toBeUndefined();
    expect(hostRefusal({ status: 'maintenance' }, 'deactivate')).toBe('why.host.inMaintenance');
  });

  it('knows the life of a storage domain', () => {
    const attached = { data_centers: { data_center: [{ id: 'dc' }] } };
    expect(storageDomainRefusal({}, 'attach')).toBeUndefined();
    expect(storageDomainRefusal({}, 'activate')).toBe('why.storage.unattached');
    expect(storageDomainRefusal({ ...attached, status: 'active' }, 'detach')).toBe('why.storage.mustBeInMaintenance');
    expect(storageDomainRefusal({ ...attached, status: 'maintenance' }, 'detach')).toBeUndefined();
    expect(storageDomainRefusal({ ...attached, status: 'locked' }, 'deactivate')).toBe('why.storage.busy');
  });

  it('protects disks in work and the Blank template', () => {
    expect(diskRefusal({ status: 'locked' }, 'remove')).toBe('why.disk.locked');
    expect(templateRefusal({ id: '00000000-0000-0000-0000-000000000000' }, 'remove')).toBe('why.template.blank');
  });
});

describe('placing a fault', () => {
  const fields = { memory: { paths: ['vm.memory'], words: /memory/i }, name: { paths: ['vm.name'], words: /\bname\b/i } };
  const place = (detail: string) => placeFault(new ApiFault(400, 'Operation Failed', detail), fields);
  it('prefers the place in the body over words', () => {
    expect(place('vm.name: must not hold the word memory')).toBe('name');
    expect(place('Memory is larger than the maximum.')).toBe('memory');
    expect(place('The cluster is full.')).toBeUndefined();
    expect(place('vm.memory_policy: unknown')).toBe('memory');
  });
});

describe('actions on several', () => {
  const action = { key: 'a', label: 'A', refusal: (item: number) => (item > 1 ? 'too big' : undefined), run: () => undefined };
  it('are allowed when one of them is', () => {
    expect([refusalOfAll(action, [], 'none'), refusalOfAll(action, [1, 2], ''), refusalOfAll(action, [2, 3], '')]).toEqual(['none', undefined, 'too big']);
  });
});

describe('order in the page', () => {
  const columns = [{ key: 'n', title: 'N', sort: 'n', render: () => null, value: (item: { n?: string }) => item.n }];
  it('counts numbers inside names and puts the unknown last', () => {
    const items = [{ n: 'vm10' }, {}, { n: 'vm9' }];
    expect(filterAndSort(items, columns, '', 'n', false)).toEqual([{ n: 'vm9' }, { n: 'vm10' }, {}]);
    expect(filterAndSort(items, columns, 'vm1', 'n', true)).toEqual([{ n: 'vm10' }]);
    expect(compare(2, 10)).toBeLessThan(0);
  });
});

describe('WorkTracker', () => {
  it('survives a reload, keeps the newest, and forgets what is old', () => {
    sessionStorage.clear();
    let now = 1_000;
    const first = new WorkTracker(sessionStorage, () => now);
    for (const correlationId of ['a', 'b', 'c', 'd']) first.note('vm/1', { correlationId });
    const second = new WorkTracker(sessionStorage, () => now);
    expect(second.of('vm/1').map((work) => work.correlationId)).toEqual(['d', 'c', 'b']);
    second.forget('vm/1', 'c');
    expect(second.of('vm/1').map((work) => work.correlationId)).toEqual(['d', 'b']);
    now += 25 * 3_600_000;
    expect(new WorkTracker(sessionStorage, () => now).of('vm/1')).toEqual([]);
  });

  it('starts anew when what is stored cannot be read', () => {
    sessionStorage.setItem('ferrovirt.work', '{broken');
    expect(new WorkTracker(sessionStorage).of('vm/1')).toEqual([]);
  });
});

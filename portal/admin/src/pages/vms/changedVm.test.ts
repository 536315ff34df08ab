// The edit form gives back what it was given, and sends what was changed.
import { describe, expect, it } from 'vitest';
import { changedVm, changesOf } from './changedVm';

const VM = {
  name: 'web1',
  description: 'shop',
  memory: '1073741824',
  memory_policy: { guaranteed: '536870912', max: '4294967296' },
  cpu: { topology: { sockets: '2', cores: '4', threads: '1' } },
  os: { type: 'debian_9' },
  delete_protected: 'true',
} as const;

describe('the form that changes a machine', () => {
  it('begins with the machine as it is', () => {
    expect(changedVm(changesOf(VM))).toEqual({ ...VM, memory_policy: { guaranteed: '536870912' } });
  });

  it('sends sizes in bytes and texts without blanks around them', () => {
    const changed = changedVm({ ...changesOf(VM), name: ' web2 ', memoryMib: 2048, threads: 2, deleteProtected: false });
    expect(changed).toMatchObject({ name: 'web2', memory: '2147483648', cpu: { topology: { threads: '2' } }, delete_protected: 'false' });
  });

  it('guarantees all memory where the machine says nothing else', () => {
    expect(changesOf({ memory: '1073741824' }).guaranteedMib).toBe(1024);
  });
});

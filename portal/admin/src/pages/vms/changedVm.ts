// What the "edit virtual machine" form holds: read from a machine, and turned into the request that changes it. Pure.
import { bool, int, MIB, wireBool, type Vm } from '@ferrovirt/portal-shared';

export interface VmChanges {
  name: string;
  description: string;
  memoryMib: number;
  guaranteedMib: number;
  sockets: number;
  cores: number;
  threads: number;
  osType: string;
  deleteProtected: boolean;
}

export function changesOf(vm: Vm): VmChanges {
  const topology = vm.cpu?.topology;
  const memory = int(vm.memory) ?? 0;
  return {
    name: vm.name ?? '',
    description: vm.description ?? '',
    memoryMib: memory / MIB,
    guaranteedMib: (int(vm.memory_policy?.guaranteed) ?? memory) / MIB,
    sockets: int(topology?.sockets) ?? 1,
    cores: int(topology?.cores) ?? 1,
    threads: int(topology?.threads) ?? 1,
    osType: vm.os?.type ?? '',
    deleteProtected: bool(vm.delete_protected) ?? false,
  };
}

/** The body of PUT /vms/{id}. */
export function changedVm(form: VmChanges): Vm {
  const bytes = (mebibytes: number): string => String(Math.round(mebibytes * MIB));
  return {
    name: form.name.trim(),
    description: form.description.trim(),
    memory: bytes(form.memoryMib),
    memory_policy: { guaranteed: bytes(form.guaranteedMib) },
    cpu: { topology: { sockets: String(form.sockets), cores: String(form.cores), threads: String(form.threads) } },
    ...(form.osType ? { os: { type: form.osType } } : {}),
    delete_protected: wireBool(form.deleteProtected),
  };
}

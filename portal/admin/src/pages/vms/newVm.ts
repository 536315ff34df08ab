// What the "create virtual machine" form holds and the requests that it becomes. Pure; sends nothing.
import { GIB, MIB, wireBool, type Disk, type DiskAttachment, type DiskInterface, type Nic, type NicInterface, type Vm } from '@ferrovirt/portal-shared';

/** Interfaces that a disk and a NIC can be given. */
export const DISK_INTERFACES: DiskInterface[] = ['virtio_scsi', 'virtio', 'sata', 'ide'];
export const NIC_INTERFACES: NicInterface[] = ['virtio', 'e1000e', 'e1000', 'rtl8139'];

export interface NewDisk {
  key: number;
  source: 'new' | 'existing';
  name: string;
  sizeGib: number;
  storageDomainId: string;
  thin: boolean;
  diskId: string;
  interface: DiskInterface;
}

export interface NewNic {
  key: number;
  profileId: string;
  interface: NicInterface;
}

export interface NewVm {
  name: string;
  description: string;
  clusterId: string;
  templateId: string;
  memoryMib: number;
  cpus: number;
  osType: string;
  console: 'vnc' | 'none';
  disks: NewDisk[];
  nics: NewNic[];
}

export type NewVmField = 'name' | 'cluster' | 'template' | 'memory' | 'cpus' | 'os' | 'disks' | 'nics';

/** The body of POST /vms. */
export function vmBody(form: NewVm): Vm {
  return {
    name: form.name.trim(),
    // Said even when empty, or the machine would carry its template's.
    description: form.description.trim(),
    cluster: { id: form.clusterId },
    template: { id: form.templateId },
    memory: String(form.memoryMib * MIB),
    cpu: { topology: { sockets: String(form.cpus), cores: '1', threads: '1' } },
    ...(form.osType ? { os: { type: form.osType } } : {}),
    ...(form.console === 'vnc' ? { display: { type: 'vnc' } } : {}),
  };
}

/** The body of POST /vms/{id}/diskattachments for the disk at `index`. */
export function attachmentBody(disk: NewDisk, index: number, vmName: string, mayBoot: boolean): DiskAttachment {
  const bootable = wireBool(mayBoot && index === 0);
  if (disk.source === 'existing') {
    return { disk: { id: disk.diskId }, interface: disk.interface, bootable, active: 'true' };
  }
  const created: Disk = {
    name: disk.name.trim() || `${vmName}_disk${index + 1}`,
    provisioned_size: String(Math.round(disk.sizeGib * GIB)),
    format: disk.thin ? 'cow' : 'raw',
    sparse: wireBool(disk.thin),
    storage_domains: { storage_domain: [{ id: disk.storageDomainId }] },
  };
  return { disk: created, interface: disk.interface, bootable, active: 'true' };
}

/** The body of POST /vms/{id}/nics for the NIC at `index`. */
export function nicBody(nic: NewNic, index: number): Nic {
  return {
    name: `nic${index + 1}`,
    interface: nic.interface,
    ...(nic.profileId ? { vnic_profile: { id: nic.profileId } } : {}),
  };
}

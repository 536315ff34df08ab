// What may be done now to hosts, storage domains, disks, templates and networks, judged from what the API shows. Gives the
// reason where it may not, as a translation key. The engine judges again.
import { int } from '../api/parse';
import type { Disk, Host, StorageDomain, Template } from '../api/types';

/** The all-zero id of the Blank template, which cannot be removed. */
export const BLANK_TEMPLATE = '00000000-0000-0000-0000-000000000000';

export type HostAction = 'activate' | 'deactivate' | 'approve' | 'remove';

export function hostRefusal(host: Host, action: HostAction): string | undefined {
  const status = host.status ?? 'unassigned';
  const resting = ['maintenance', 'install_failed', 'down', 'pending_approval'].includes(status);
  switch (action) {
    case 'activate':
      return ['maintenance', 'install_failed', 'non_operational', 'down'].includes(status) ? undefined : 'why.host.notInMaintenance';
    case 'deactivate':
      if (status === 'maintenance' || status === 'preparing_for_maintenance') return 'why.host.inMaintenance';
      return ['up', 'non_operational', 'non_responsive', 'error', 'down', 'install_failed'].includes(status)
        ? undefined
        : 'why.host.busy';
    case 'approve':
      return status === 'pending_approval' ? undefined : 'why.host.approved';
    case 'remove':
      if ((int(host.summary?.active) ?? 0) > 0) return 'why.host.hasVms';
      return resting || status === 'installing' ? undefined : 'why.host.mustBeInMaintenance';
  }
}

export type StorageDomainAction = 'attach' | 'activate' | 'deactivate' | 'detach' | 'remove';

/** The data centre that a domain is attached to. */
export function attachedTo(domain: StorageDomain): string | undefined {
  return domain.data_centers?.data_center?.[0]?.id ?? domain.data_center?.id;
}

/** `known` is the state where the domain itself does not tell it. */
export function storageDomainRefusal(domain: StorageDomain, action: StorageDomainAction, known?: string): string | undefined {
  const attached = attachedTo(domain) !== undefined;
  const status = known ?? domain.status ?? (attached ? 'unknown' : 'unattached');
  if (status === 'locked' || status === 'detaching' || status === 'activating') return 'why.storage.busy';
  switch (action) {
    case 'attach':
      return attached ? 'why.storage.attached' : undefined;
    case 'activate':
      if (!attached) return 'why.storage.unattached';
      return status === 'active' ? 'why.storage.active' : undefined;
    case 'deactivate':
      if (!attached) return 'why.storage.unattached';
      return ['active', 'inactive', 'unknown'].includes(status) ? undefined : 'why.storage.inMaintenance';
    case 'detach':
      if (!attached) return 'why.storage.unattached';
      return status === 'maintenance' ? undefined : 'why.storage.mustBeInMaintenance';
    case 'remove':
      return attached ? 'why.storage.attached' : undefined;
  }
}

export type DiskAction = 'download' | 'remove' | 'edit';

export function diskRefusal(disk: Disk, action: DiskAction): string | undefined {
  if (disk.status === 'locked') return 'why.disk.locked';
  if (action === 'remove' && disk.content_type === 'ovf_store') return 'why.disk.internal';
  if (action === 'download' && disk.status !== 'ok') return 'why.disk.illegal';
  return undefined;
}

export function templateRefusal(template: Template, action: 'remove' | 'createVm'): string | undefined {
  if (template.status === 'locked') return 'why.template.locked';
  return action === 'remove' && template.id === BLANK_TEMPLATE ? 'why.template.blank' : undefined;
}

/** Whether a network may carry virtual machines. */
export function isVmNetwork(usages: string[] | undefined): boolean {
  return usages?.includes('vm') ?? false;
}


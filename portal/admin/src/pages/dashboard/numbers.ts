// The sums behind the dashboard. Pure.
import { cpuUse, int, memoryUse, virtualCpus, type Host, type StorageDomain } from '@ferrovirt/portal-shared';

export interface Counts {
  total: number;
  /** States with their numbers, the most common first. */
  byStatus: [status: string, count: number][];
}

/** Counts items by state; items without a state count in the total alone. Undefined while nothing is known. */
export function countByStatus<T>(items: T[] | undefined, statusOf: (item: T) => string | undefined): Counts | undefined {
  if (!items) return undefined;
  const counts = new Map<string, number>();
  for (const item of items) {
    const status = statusOf(item);
    if (status !== undefined) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return { total: items.length, byStatus: [...counts].sort((one, other) => other[1] - one[1]) };
}

export interface Utilisation {
  used: number;
  total: number;
}

/** Processors in use over all hosts that are up, in logical processors. */
export function cpuUtilisation(hosts: Host[]): Utilisation {
  let used = 0;
  let total = 0;
  for (const host of hosts) {
    const share = cpuUse(host.statistics?.statistic);
    if (host.status !== 'up' || share === undefined) continue;
    const processors = virtualCpus(host.cpu);
    used += (processors * share) / 100;
    total += processors;
  }
  return { used, total };
}

/** Memory in use over all hosts that are up, bytes. */
export function memoryUtilisation(hosts: Host[]): Utilisation {
  const uses = hosts.filter((host) => host.status === 'up').map((host) => memoryUse(host.statistics?.statistic));
  return {
    used: uses.reduce((sum, use) => sum + (use?.used ?? 0), 0),
    total: uses.reduce((sum, use) => sum + (use?.total ?? 0), 0),
  };
}

/** Space in use over all data domains, bytes. */
export function storageUtilisation(domains: StorageDomain[]): Utilisation {
  const data = domains.filter((domain) => domain.type === 'data');
  const used = data.reduce((sum, domain) => sum + (int(domain.used) ?? 0), 0);
  return { used, total: used + data.reduce((sum, domain) => sum + (int(domain.available) ?? 0), 0) };
}

// Reads the samples that the API calls statistics. Pure.
import type { Statistic } from '../api/types';

/** The newest value of one statistic. */
export function statistic(samples: Statistic[] | undefined, name: string): number | undefined {
  const datum = samples?.find((sample) => sample.name === name)?.values?.value?.[0]?.datum;
  const value = datum === undefined ? NaN : Number(datum);
  return Number.isFinite(value) ? value : undefined;
}

/** All values by name. */
export function statistics(samples: Statistic[] | undefined): Map<string, number> {
  const values = new Map<string, number>();
  for (const sample of samples ?? []) {
    const value = statistic([sample], sample.name ?? '');
    if (sample.name && value !== undefined) values.set(sample.name, value);
  }
  return values;
}

/** Share of a host's processors in use, percent: what is not idle. */
export function cpuUse(samples: Statistic[] | undefined): number | undefined {
  const idle = statistic(samples, 'cpu.current.idle');
  return idle === undefined ? undefined : Math.min(100, Math.max(0, 100 - idle));
}

/** Bytes of memory in use and there at all. */
export function memoryUse(samples: Statistic[] | undefined): { used: number; total: number } | undefined {
  const total = statistic(samples, 'memory.total');
  const used = statistic(samples, 'memory.used');
  return total === undefined || used === undefined ? undefined : { used, total };
}

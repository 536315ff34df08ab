// Scalars of the wire, and the units in which people read them.
import { describe, expect, it } from 'vitest';
import { cpuUse, memoryUse, statistic } from '../format/statistics';
import { formatBytes, formatDuration, percent, shortId } from '../format/units';
import { bool, date, int, versionText } from './parse';

describe('scalars', () => {
  it('reads integers from strings and refuses what is none', () => {
    expect([int('1073741824'), int(5), int('0'), int(''), int(undefined), int('1.5'), int('x')]).toEqual([1073741824, 5, 0, undefined, undefined, undefined, undefined]);
  });

  it('reads booleans strictly', () => {
    expect([bool('true'), bool('false'), bool('TRUE'), bool(undefined)]).toEqual([true, false, undefined, undefined]);
  });

  it('reads epoch milliseconds and ISO 8601', () => {
    expect(date(0)?.getTime()).toBe(0);
    expect(date('1700000000000')?.getTime()).toBe(1_700_000_000_000);
    expect(date('2026-01-02T03:04:05.000+01:00')?.toISOString()).toBe('2026-01-02T02:04:05.000Z');
    expect([date('soon'), date(undefined)]).toEqual([undefined, undefined]);
  });

  it('writes versions up to the first gap', () => {
    expect(versionText({ major: '4', minor: '8' })).toBe('4.8');
    expect(versionText({ major: '4', revision: '1' })).toBe('4');
    expect(versionText({ full_version: '4.5.8-1.el9', major: '4' })).toBe('4.5.8-1.el9');
    expect(versionText({})).toBeUndefined();
  });
});

describe('units', () => {
  it('writes bytes with binary units', () => {
    expect([formatBytes(0), formatBytes(1023), formatBytes(1536), formatBytes(1024 ** 4), formatBytes(undefined)]).toEqual(['0 B', '1023 B', '1.5 KiB', '1 TiB', '–']);
  });

  it('writes durations in their two largest units', () => {
    expect([formatDuration(171), formatDuration(61_000), formatDuration(3_600_000), formatDuration(90_061_000), formatDuration(-1)]).toEqual(['0.2 s', '1 min 1 s', '1 h', '1 d 1 h', '–']);
  });

  it('keeps shares within 0 and 100', () => {
    expect([percent(1, 3), percent(5, 4), percent(1, 0), percent(undefined, 4)]).toEqual([33, 100, 0, 0]);
    expect(shortId('066c1ae6-f15f')).toBe('066c1ae6');
  });
});

describe('statistics', () => {
  const samples = [
    { name: 'cpu.current.idle', values: { value: [{ datum: 70.5 }] } },
    { name: 'memory.total', values: { value: [{ datum: 100 }] } },
    { name: 'memory.used', values: { value: [{ datum: 25 }] } },
    { name: 'empty', values: { value: [] } },
  ];
  it('finds a value by name', () => {
    expect([statistic(samples, 'memory.total'), statistic(samples, 'empty'), statistic(undefined, 'x')]).toEqual([100, undefined, undefined]);
    expect(cpuUse(samples)).toBe(29.5);
    expect(memoryUse(samples)).toEqual({ used: 25, total: 100 });
    expect(memoryUse([])).toBeUndefined();
  });
});

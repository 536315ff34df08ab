// Turns bytes, durations, shares and dates into text. Pure: the language comes in as an argument where it matters.

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** Bytes with a binary unit and at most one decimal: "1.5 GiB". */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return '–';
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = Math.round(value * 10) / 10;
  return `${rounded} ${BINARY_UNITS[unit]}`;
}

/** Bytes a second: "12.3 MiB/s". */
export function formatRate(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '–' : `${formatBytes(bytesPerSecond)}/s`;
}

/** A duration in its two largest units: "3 d 4 h", "5 min 12 s", "0.8 s". */
export function formatDuration(milliseconds: number | undefined): string {
  if (milliseconds === undefined || !Number.isFinite(milliseconds) || milliseconds < 0) return '–';
  if (milliseconds < 1000) return `${Math.round(milliseconds / 100) / 10} s`;
  let rest = Math.floor(milliseconds / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ');
}

/** A whole percentage of `part` in `whole`, 0 when there is no whole. */
export function percent(part: number | undefined, whole: number | undefined): number {
  if (!part || !whole || whole <= 0) return 0;
  return Math.min(100, Math.max(0, Math.round((part / whole) * 100)));
}

export function formatDate(value: Date | undefined, language: string): string {
  if (!value) return '–';
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(value);
}

/** A moment in short: the time alone where it was on the same day as `now`, else the date with it. */
export function formatMoment(value: Date | undefined, now: Date, language: string): string {
  if (!value) return '–';
  const sameDay = value.toDateString() === now.toDateString();
  const style: Intl.DateTimeFormatOptions = sameDay ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(language, style).format(value);
}

/** The first part of a UUID: enough to tell two objects apart in a sentence. */
export function shortId(id: string | undefined): string {
  return id === undefined ? '–' : id.slice(0, 8);
}

// Reads the API's scalar shapes into numbers, booleans and dates. Never guesses: what cannot be read is undefined.
import type { WireBoolean } from './types';

/** An integer of the wire. Undefined when absent or not a whole number. */
export function int(value: string | number | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const parsed = Number(value);
  return Number.isInteger(parsed) ? parsed : undefined;
}

/** A boolean of the wire. Undefined when absent or neither "true" nor "false". */
export function bool(value: string | boolean | undefined): boolean | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return undefined;
}

/** A boolean as the wire spells it. */
export function wireBool(value: boolean): WireBoolean {
  return value ? 'true' : 'false';
}

/** A date of the wire: epoch milliseconds, or ISO 8601 where a server writes that. */
export function date(value: number | string | undefined): Date | undefined {
  if (value === undefined || value === '') return undefined;
  const numeric = Number(value);
  const parsed = new Date(Number.isFinite(numeric) ? numeric : value);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

/** A version as people write it: "4.8" or "4.5.8.0". */
export function versionText(
  version: { major?: string; minor?: string; build?: string; revision?: string; full_version?: string } | undefined,
): string | undefined {
  if (!version) return undefined;
  if (version.full_version) return version.full_version;
  const parts = [version.major, version.minor, version.build, version.revision];
  const end = parts.findIndex((part) => part === undefined);
  const text = parts.slice(0, end === -1 ? parts.length : end).join('.');
  return text === '' ? undefined : text;
}

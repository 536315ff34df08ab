// What the environment says about the engine to test: its address and user, given as variables or by the lab's file that
// FERROVIRT_LAB_ENV names. Knows no test.
import { existsSync, readFileSync } from 'node:fs';

/** Where pictures go. */
export const SHOTS = process.env['FERROVIRT_SCREENSHOTS'] ?? new URL('../test-results', import.meta.url).pathname;

/** The environment, with the lab's file read in. */
export function environment(): Record<string, string | undefined> {
  const file = process.env['FERROVIRT_LAB_ENV'];
  if (!file || !existsSync(file)) return process.env;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pairs = lines.map((line) => /^(?:export )?(\w+)=["']?(.*?)["']?$/.exec(line.trim())).filter((match) => match !== null);
  return { ...Object.fromEntries(pairs.map((match) => [match[1], match[2]])), ...process.env };
}

/** Whether a real engine is named. */
export function isLive(): boolean {
  return environment()['FERROVIRT_URL'] !== undefined;
}

/** The disk image that the machine boots from: FERROVIRT_IMAGE, or what `make guest` builds. */
export function guestImage(): string {
  return process.env['FERROVIRT_IMAGE'] ?? new URL('../../target/lab/tiny.qcow2', import.meta.url).pathname;
}

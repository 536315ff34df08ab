// Finds the field of a form that a fault speaks about. Pure. A fault that fits no field belongs to the form as a whole.
import type { ApiFault } from '../api/fault';

/** What tells that a fault is about a field: places in the request body ("vm.memory") or words of the sentence. */
export interface FieldSigns {
  paths?: string[];
  words?: RegExp;
}

/** The name of the first field that the fault speaks about. Body places win over words. */
export function placeFault<Field extends string>(fault: ApiFault, fields: Record<Field, FieldSigns>): Field | undefined {
  const text = `${fault.reason} ${fault.detail}`;
  const entries = Object.entries(fields) as [Field, FieldSigns][];
  const byPath = entries.find(([, signs]) => signs.paths?.some((path) => mentions(text, path)));
  if (byPath) return byPath[0];
  return entries.find(([, signs]) => signs.words?.test(text))?.[0];
}

function mentions(text: string, path: string): boolean {
  const escaped = path.replaceAll('.', '\\.');
  return new RegExp(`(^|[^a-z_.])${escaped}($|[^a-z_])`, 'i').test(text);
}

// Every text that the code asks for by a literal key exists, and no text stands unused under a key that nothing mentions.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedEnglish } from '../../../shared/src/i18n/en';
import { merged } from '../../../shared/src/i18n/i18n';
import { english } from './en';

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : flatten(value, `${prefix}${key}.`),
  );
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.|\/en\.ts$/.test(path) ? [readFileSync(path, 'utf8')] : [];
  });
}

const root = join(import.meta.dirname, '../../..');
const code = [...sources(join(root, 'admin/src')), ...sources(join(root, 'shared/src'))].join('\n');
const keys = new Set(flatten(merged(sharedEnglish, english) as Tree).map((key) => key.replace(/_(one|other)$/, '')));

describe('texts', () => {
  it('has a text for every literal key', () => {
    const asked = [...code.matchAll(/[^\w.]t\(\s*'([\w.]+)'/g)].map((match) => match[1] ?? '');
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.filter((key) => !keys.has(key))).toEqual([]);
  });

  it('has a text for both keys of a choice', () => {
    const asked = [...code.matchAll(/[^\w.]t\([^'`(]*\? '([\w.]+)' : '([\w.]+)'/g)].flatMap((match) => [match[1] ?? '', match[2] ?? '']);
    expect(asked.filter((key) => !keys.has(key))).toEqual([]);
  });

  it('has a text for every reason of a refusal', () => {
    const reasons = [...code.matchAll(/'(why\.[\w.]+)'/g)].map((match) => match[1] ?? '');
    expect(reasons.filter((key) => !keys.has(key))).toEqual([]);
  });
});

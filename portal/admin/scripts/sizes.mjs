// Measures what the first page loads, compressed as the engine sends it, and fails above the limit.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT = 500_000;
const dist = new URL('../dist/', import.meta.url).pathname;
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const size = (file) => gzipSync(readFileSync(file), { level: 9 }).length;

const first = [...html.matchAll(/(?:src|href)="\/ovirt-engine\/webadmin\/([^"]+)"/g)].map((match) => match[1]);
// The dashboard and the frame are asked for right after the start; count what they pull in as well.
const assets = readdirSync(join(dist, 'assets'));
const startPages = assets.filter((name) => /^(DashboardPage|SignedInApp|SignIn)-.*\.(js|css)$/.test(name)).map((name) => `assets/${name}`);
const imported = new Set([...first, ...startPages]);
for (const name of imported) {
  if (!name.endsWith('.js')) continue;
  for (const match of readFileSync(join(dist, name), 'utf8').matchAll(/from\s*["']\.\/([^"']+\.js)["']/g)) imported.add(`assets/${match[1]}`);
}
// The two faces that text and headings use; the others load only where a page uses them.
for (const name of assets) if (/^RedHat(Text|Display)VF-[^I].*\.woff2$/.test(name) && !name.includes('Italic')) imported.add(`assets/${name}`);
let total = size(join(dist, 'index.html'));
for (const name of imported) {
  const bytes = size(join(dist, name));
  total += bytes;
  console.log(`${String(bytes).padStart(9)}  ${name}`);
}
console.log(`${String(total).padStart(9)}  first load, gzip (limit ${LIMIT})`);
for (const name of assets.filter((entry) => !imported.has(`assets/${entry}`) && entry.endsWith('.js'))) {
  console.log(`${String(size(join(dist, 'assets', name))).padStart(9)}  later: ${name}`);
}
if (total > LIMIT) process.exit(1);

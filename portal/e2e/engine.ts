// Which engine the browser tests speak to: the one that the environment names, else the stand-in.
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { test as base, expect, type Page } from '@playwright/test';
import { startMock, type Mock } from './mock/server';

export interface Engine {
  /** Address of the administration portal, with a slash at its end. */
  portal: string;
  user: string;
  password: string;
  /** The stand-in, when no real engine is asked for. */
  mock: Mock | undefined;
}

export const SHOTS = new URL('../test-results/', import.meta.url).pathname;

/** The environment, with the lab's file read in when FERROVIRT_LAB_ENV names it. */
function environment(): Record<string, string | undefined> {
  const file = process.env['FERROVIRT_LAB_ENV'];
  if (!file || !existsSync(file)) return process.env;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pairs = lines.map((line) => /^(?:export )?(\w+)=["']?(.*?)["']?$/.exec(line.trim())).filter((match) => match !== null);
  return { ...Object.fromEntries(pairs.map((match) => [match[1], match[2]])), ...process.env };
}

/** Checks the engine's certificate by the lab's own CA; the browser itself is told to accept it. */
function checkCertificate(url: string, caFile: string | undefined): Promise<void> {
  if (!url.startsWith('https:') || !caFile) return Promise.resolve();
  return new Promise((resolve, reject) => {
    get(`${new URL(url).origin}/ovirt-engine/services/health`, { ca: readFileSync(caFile) }, (answer) => {
      answer.resume();
      resolve();
    }).on('error', reject);
  });
}

async function openEngine(manyVms: number): Promise<Engine> {
  const { FERROVIRT_URL: url, FERROVIRT_USER: user, FERROVIRT_PASSWORD: password, FERROVIRT_CA: ca } = environment();
  if (url) {
    await checkCertificate(url, ca);
    return { portal: `${new URL(url).origin}/ovirt-engine/webadmin/`, user: user ?? 'admin@internal', password: password ?? '', mock: undefined };
  }
  const mock = await startMock(0, manyVms);
  return { portal: `${mock.url}/ovirt-engine/webadmin/`, user: 'admin', password: 'secret', mock };
}

export const test = base.extend<{ engine: Engine; manyVms: number }>({
  manyVms: [0, { option: true }],
  page: async ({ page }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Minified React error/.test(message.text())) wrong.push(message.text());
    });
    await use(page);
    expect(wrong, 'errors in the page').toEqual([]);
  },
  engine: async ({ manyVms }, use) => {
    const engine = await openEngine(manyVms);
    await use(engine);
    await engine.mock?.close();
  },
});

export { expect };

export async function signIn(page: Page, engine: Engine): Promise<void> {
  await page.goto(engine.portal);
  await page.getByLabel('User name').fill(engine.user);
  await page.getByLabel('Password').fill(engine.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
}

export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${SHOTS}${name}.png` });
}

/** The row of a list that shows the entity of this name. */
export function row(page: Page, name: string) {
  return page.locator(`tr[data-name="${name}"]`);
}

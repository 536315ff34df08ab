// What every browser test uses: the engine that it speaks to (the one that the environment names, else the stand-in), signing
// in, pictures, and going to a page.
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { environment, isLive, SHOTS } from './environment';
import { startMock, type Mock } from './mock/server';

export interface Engine {
  /** Address of the administration portal, with a slash at its end. */
  portal: string;
  user: string;
  password: string;
  /** The stand-in, when no real engine is asked for. */
  mock: Mock | undefined;
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

/** Fills the sign-in page in. */
export async function signInHere(page: Page, engine: Engine): Promise<void> {
  await page.getByLabel('User name').fill(engine.user);
  await page.getByLabel('Password').fill(engine.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
}

export async function signIn(page: Page, engine: Engine): Promise<void> {
  await page.goto(engine.portal);
  await signInHere(page, engine);
}

/** Goes to an address of the portal as a link in it would, without loading it again; ends when its page stands there. */
export async function visit(page: Page, engine: Engine, path: string): Promise<void> {
  const { pathname, search } = new URL(engine.portal + path);
  await page.evaluate((address) => {
    window.history.pushState(null, '', address);
    window.dispatchEvent(new PopStateEvent('popstate', { state: null }));
  }, pathname + search);
  const parts = pathname.slice(new URL(engine.portal).pathname.length).split('/');
  const tab = parts[3];
  // The dashboard's link ends with the portal's own name.
  const link = parts.slice(0, 2).join('/') || 'webadmin';
  await expect(page.locator(`nav [aria-current="page"][href$="/${link}"]`)).toHaveCount(1);
  if (tab) await expect(page.locator(`#tab-${tab}`)).toBeVisible();
}

/** Waits until nothing on the page says that it is still loading. */
export async function loaded(page: Page): Promise<void> {
  await expect(page.locator('main .pf-v6-c-skeleton, main .pf-v6-c-spinner')).toHaveCount(0);
}

export async function shot(page: Page, name: string): Promise<void> {
  // Colours that are on their way to another theme arrive at once.
  await page.screenshot({ path: join(SHOTS, `${name}.png`), animations: 'disabled' });
}

/** Waits until every colour has arrived in the theme that was chosen: the next frame sets them on their way. */
async function settledColours(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const moving = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(moving.map((transition) => transition.finished));
  });
}

/**
 * A picture of the real thing in each theme; the portal follows the system's where nobody chose one. Pictures on the stand-in
 * are pages.spec.ts's work.
 */
export async function shots(page: Page, name: string): Promise<void> {
  if (!isLive()) return;
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await settledColours(page);
    await shot(page, `${name}-${colorScheme}`);
  }
}

/** The row of a list that shows the entity of this name. */
export function row(page: Page, name: string) {
  return page.locator(`tr[data-name="${name}"]`);
}

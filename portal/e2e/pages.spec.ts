// Opens every page in both themes: takes its picture and lets axe look for what a screen reader could not use.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { isLive } from './environment';
import { expect, loaded, row, shot, signIn, test, visit, type Engine } from './engine';

test.skip(() => isLive(), 'needs the stand-in engine');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string }[] }[];
}

async function axe(page: Page, name: string): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const result = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run());
  const found = result.violations.map((violation) => `${violation.id}: ${violation.help}\n  ${violation.nodes.map((node) => node.html.slice(0, 240)).join('\n  ')}`);
  expect.soft(found, `axe on ${name}`).toEqual([]);
}

const LISTS: [name: string, path: string][] = [
  ['dashboard', ''],
  ['vms', 'compute/vms'],
  ['templates', 'compute/templates'],
  ['hosts', 'compute/hosts'],
  ['clusters', 'compute/clusters'],
  ['data-centres', 'compute/datacenters'],
  ['networks', 'network/networks'],
  ['vnic-profiles', 'network/vnicprofiles'],
  ['domains', 'storage/domains'],
  ['disks', 'storage/disks'],
  ['events', 'events'],
  ['jobs', 'jobs'],
  ['events-drawer', 'compute/hosts?drawer=events'],
];

function items(engine: Engine): [name: string, path: string][] {
  const world = engine.mock?.world;
  const id = (kind: string, name: string): string => world?.all(kind).find((thing) => thing.name === name)?.id ?? '';
  return [
    ...['general', 'disks', 'nics', 'guest', 'console', 'events', 'permissions'].map((tab): [string, string] => [`vm-${tab}`, `compute/vms/${id('vm', 'web1')}/${tab}`]),
    ...['general', 'vms', 'nics', 'statistics', 'events'].map((tab): [string, string] => [`host-${tab}`, `compute/hosts/${id('host', 'host1')}/${tab}`]),
    ...['general', 'hosts', 'vms', 'networks'].map((tab): [string, string] => [`cluster-${tab}`, `compute/clusters/cl/${tab}`]),
    ...['general', 'storage', 'networks'].map((tab): [string, string] => [`data-centre-${tab}`, `compute/datacenters/dc/${tab}`]),
    ['domain-general', 'storage/domains/sd-data/general'],
    ['network-general', 'network/networks/net-web/profiles'],
    ['template-general', `compute/templates/${id('template', 'debian-12')}/general`],
    ['gone', 'compute/vms/00000000-0000-0000-0000-00000000dead'],
  ];
}

/** Waits until a page stands there with what it shows. */
async function settled(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  if (name === 'vm-console') await expect(page.locator('[data-state="connected"]')).toBeVisible();
  await loaded(page);
}

for (const theme of ['light', 'dark']) {
  for (const [group, pagesOf] of [['lists', () => LISTS], ['items', items]] as const) {
    test(`${group} in the ${theme} theme`, async ({ page, engine }) => {
      await page.addInitScript((value) => localStorage.setItem('ferrovirt.theme', value), theme);
      await page.goto(engine.portal);
      await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
      if (group === 'lists') {
        await shot(page, `${theme}-sign-in`);
        await axe(page, 'sign-in');
      }
      await signIn(page, engine);
      for (const [name, path] of pagesOf(engine)) {
        await visit(page, engine, path);
        await settled(page, name);
        await shot(page, `${theme}-${name}`);
        await axe(page, name);
      }
    });
  }
}

const DIALOGS: [name: string, path: string, button: string][] = [
  ['create-vm', 'compute/vms', 'Create virtual machine'],
  ['add-host', 'compute/hosts', 'Add host'],
  ['create-cluster', 'compute/clusters', 'Create cluster'],
  ['create-network', 'network/networks', 'Create network'],
  ['create-domain', 'storage/domains', 'Create storage domain'],
  ['create-disk', 'storage/disks', 'Create disk'],
  ['upload', 'storage/disks', 'Upload image'],
];

test('every dialog', async ({ page, engine }) => {
  await signIn(page, engine);
  for (const [name, path, button] of DIALOGS) {
    await visit(page, engine, path);
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    if (name === 'create-vm') {
      await page.getByRole('button', { name: 'Add new disk' }).click();
      await page.getByRole('button', { name: 'Add network interface' }).click();
    }
    await shot(page, `dialog-${name}`);
    await axe(page, `dialog ${name}`);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await visit(page, engine, 'compute/hosts');
  await page.getByRole('button', { name: 'Add host' }).click();
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByText('The token is shown only now.')).toBeVisible();
  await shot(page, 'dialog-token');
  await axe(page, 'dialog token');
});

test('the keyboard reaches a machine and what can be done to it', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await expect(row(page, 'web1')).toBeVisible();
  await row(page, 'web1').getByRole('link', { name: 'web1' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'web1', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Migrate' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('fits into 1024 pixels', async ({ page, engine }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await signIn(page, engine);
  for (const [name, path] of [['dashboard', ''], ['vms', 'compute/vms'], ['hosts', 'compute/hosts']] as const) {
    await visit(page, engine, path);
    await settled(page, name);
    await shot(page, `narrow-${name}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(overflow, name).toBeLessThanOrEqual(0);
  }
});

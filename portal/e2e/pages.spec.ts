// Opens every page in both themes: takes its picture and lets axe look for what a screen reader could not use.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from '@playwright/test';
import { isLive } from './environment';
import { expect, loaded, row, shot, signIn, test, visit, type Engine } from './engine';
import { choose } from './machine';

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

/** What opens a dialog: a button of the page, or an action in the menu of the item of that name. */
type Opener = string | [item: string, action: string];

function dialogs(engine: Engine): [name: string, path: string, opener: Opener][] {
  const vm = (name: string): string => `compute/vms/${engine.mock?.world.all('vm').find((thing) => thing.name === name)?.id ?? ''}`;
  return [
    ['create-vm', 'compute/vms', 'Create virtual machine'],
    ['edit-vm', 'compute/vms', ['web1', 'Edit']],
    ['migrate-vm', 'compute/vms', ['web1', 'Migrate']],
    ['stop-vm', 'compute/vms', ['web1', 'Power off']],
    ['remove-vm', 'compute/vms', ['mail', 'Remove']],
    ['make-template', 'compute/vms', ['mail', 'Make template']],
    ['add-disk', `${vm('mail')}/disks`, 'Add disk'],
    ['edit-vm-disk', `${vm('mail')}/disks`, ['mail_disk1', 'Edit']],
    ['detach-disk', `${vm('mail')}/disks`, ['mail_disk1', 'Detach']],
    ['add-nic', `${vm('mail')}/nics`, 'Add network interface'],
    ['remove-nic', `${vm('mail')}/nics`, ['nic1', 'Remove']],
    ['vm-from-template', 'compute/templates', ['debian-12', 'Create virtual machine']],
    ['remove-template', 'compute/templates', ['debian-12', 'Remove']],
    ['maintain-host', 'compute/hosts', ['host2', 'Maintenance']],
    ['remove-host', 'compute/hosts', ['host3', 'Remove']],
    ['create-cluster', 'compute/clusters', 'Create cluster'],
    ['remove-cluster', 'compute/clusters', ['Default', 'Remove']],
    ['create-data-centre', 'compute/datacenters', 'Create data centre'],
    ['create-network', 'network/networks', 'Create network'],
    ['create-profile', 'network/vnicprofiles', 'Create vNIC profile'],
    ['create-domain', 'storage/domains', 'Create storage domain'],
    ['attach-domain', 'storage/domains', ['archive', 'Attach']],
    ['maintain-domain', 'storage/domains', ['data', 'Maintenance']],
    ['remove-domain', 'storage/domains', ['archive', 'Remove']],
    ['create-disk', 'storage/disks', 'Create disk'],
    ['edit-disk', 'storage/disks', ['debian-12-cloud', 'Edit']],
    ['download', 'storage/disks', ['debian-12-cloud', 'Download']],
    ['upload', 'storage/disks', 'Upload image'],
  ];
}

for (const theme of ['light', 'dark']) {
  test(`every dialog in the ${theme} theme`, async ({ page, engine }) => {
    await page.addInitScript((value) => localStorage.setItem('ferrovirt.theme', value), theme);
    await signIn(page, engine);
    for (const [name, path, opener] of dialogs(engine)) {
      await visit(page, engine, path);
      if (typeof opener === 'string') await page.getByRole('button', { name: opener, exact: true }).click();
      else await choose(page, opener[0], opener[1]);
      await expect(page.getByRole('dialog')).toBeVisible();
      if (name === 'create-vm') {
        await page.getByRole('button', { name: 'Add new disk' }).click();
        await page.getByRole('button', { name: 'Add network interface' }).click();
      }
      await shot(page, `${theme}-dialog-${name}`);
      await axe(page, `dialog ${name}`);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    }
    await visit(page, engine, 'compute/hosts');
    await page.getByRole('button', { name: 'Add host' }).click();
    await shot(page, `${theme}-dialog-add-host`);
    await axe(page, 'dialog add-host');
    await page.getByRole('button', { name: 'Make token' }).click();
    await expect(page.getByText('The token is shown only now.')).toBeVisible();
    await shot(page, `${theme}-dialog-token`);
    await axe(page, 'dialog token');
  });
}

/** Presses Tab until that has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target, 'reached by Tab').toBeFocused();
}

test('the keyboard reaches a machine and what can be done to it', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await expect(row(page, 'web1')).toBeVisible();
  await tabTo(page, row(page, 'web1').getByRole('link', { name: 'web1' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'web1', level: 1 })).toBeVisible();
  const migrate = page.getByRole('button', { name: 'Migrate' });
  await tabTo(page, migrate);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  // The keyboard stays in the dialog, and comes back to where it was.
  await tabTo(page, dialog.getByRole('combobox', { name: 'To host' }));
  await tabTo(page, dialog.getByRole('button', { name: 'Cancel' }));
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(migrate).toBeFocused();
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

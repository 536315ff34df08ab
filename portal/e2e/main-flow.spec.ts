// The main flow by hand: sign in, make a data centre with its cluster and network, make a storage domain, upload a disk, create a
// machine, start it, see what its guest tells and its screen, type into it, migrate it, shut it down, change it, start it again
// and power it off, remove it and all that was made. A second window shows the list of machines the whole time and is never
// loaded again. Runs against a real engine where the environment names one.
import type { Page } from '@playwright/test';
import { environment, isLive } from './environment';
import { expect, loaded, row, shots, signInHere, test, visit, type Engine } from './engine';
import { createCluster, createDataCenter, createDomain, createNetwork, groundOf, removeDomain, removeGround, seeDataCenter } from './infrastructure';
import { askToMigrate, choose, createMachine, fact, GUEST, openTab, status, uploadDisk } from './machine';
import { colours, type } from './screen';

/** Says that the network between the hosts is made slow, so that a migration lasts some seconds. */
const slowMigration = environment()['FERROVIRT_SLOW_MIGRATION'] === '1';

interface Scene {
  page: Page;
  /** The window with the list. */
  list: Page;
  engine: Engine;
  name: string;
}

async function start({ page, list, name }: Scene): Promise<void> {
  const button = page.getByRole('button', { name: 'Start', exact: true });
  await expect(button).not.toHaveAttribute('aria-disabled', 'true', { timeout: GUEST });
  await button.click();
  await expect(status(page)).toHaveText('Up', { timeout: GUEST });
  await expect(row(list, name)).toContainText('Up');
}

async function seeGuest({ page, list, name }: Scene): Promise<void> {
  await expect(fact(page, 'IP addresses')).toHaveText(/\d+\.\d+\.\d+\.\d+/, { timeout: GUEST });
  await expect(row(list, name)).toContainText(/\d+\.\d+\.\d+\.\d+/);
  await shots(page, 'vm-general');
  for (const [tab, content] of [['Disks', 'OK'], ['Network interfaces', /[0-9a-f]{2}:[0-9a-f]{2}/i], ['Guest', /\d+\.\d+\.\d+\.\d+/]] as const) {
    await openTab(page, tab);
    await expect(page.getByRole('tabpanel')).toContainText(content);
    await loaded(page);
    await shots(page, `vm-${tab.toLowerCase().replace(' ', '-')}`);
  }
}

async function useConsole({ page, name }: Scene): Promise<void> {
  await page.getByRole('button', { name: 'Console' }).click();
  await expect(page.locator('[data-state="connected"]')).toBeVisible();
  await expect.poll(() => colours(page)).toBeGreaterThan(1);
  await shots(page, 'console');
  if (!isLive()) return;
  // The guest's own answer comes back two ways: by its screen, and by its agent.
  await type(page, `hostname ${name}`);
  await type(page, 'cat /etc/os-release');
  await shots(page, 'console-typed');
  await openTab(page, 'General');
  await expect(fact(page, 'Host name')).toContainText(name, { timeout: GUEST });
}

async function migrate({ page, list, name }: Scene): Promise<void> {
  await openTab(page, 'General');
  const before = await fact(page, 'Host').innerText();
  const bar = page.getByRole('progressbar', { name: 'Migrating to another host' });
  if (slowMigration) {
    await askToMigrate(page);
    await expect(bar).toBeVisible();
    await page.getByRole('button', { name: 'Cancel migration' }).click();
    await expect(status(page)).toHaveText('Up', { timeout: GUEST });
    await expect(fact(page, 'Host')).toHaveText(before);
  }
  await askToMigrate(page, 'migrate-dialog');
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  if (slowMigration) {
    await expect(row(list, name)).toContainText('Migrating');
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { intervals: [200] }).toBeGreaterThan(0);
  }
  await shots(page, 'migrating');
  await expect(fact(page, 'Host')).not.toHaveText(before, { timeout: GUEST });
  await expect(status(page)).toHaveText('Up', { timeout: GUEST });
  await expect(row(list, name)).toContainText('Up');
  await shots(page, 'migrated');
}

async function seeEvents({ page, list, engine, name }: Scene): Promise<void> {
  await openTab(page, 'Events');
  const events = page.getByRole('tabpanel');
  for (const sentence of [/was created/i, /started on host/i, /migrat/i]) await expect(events.getByText(sentence).first()).toBeVisible();
  await expect(events).toContainText(name);
  await shots(page, 'vm-events');
  await list.bringToFront();
  await shots(list, 'vms');
  for (const [path, picture] of [['events', 'events'], ['jobs', 'jobs'], ['compute/hosts', 'hosts'], ['compute/clusters', 'clusters'], ['compute/datacenters', 'data-centres'], ['storage/domains', 'storage-domains'], ['network/networks', 'networks'], ['', 'dashboard']] as const) {
    await visit(list, engine, path);
    await expect(list.getByRole('heading', { level: 1 }).first()).toBeVisible();
    await loaded(list);
    // The card counts this machine.
    if (path === '') await expect(list.locator('.pf-v6-c-card', { hasText: 'Virtual machines' })).toContainText(/\d+ Up/);
    await shots(list, picture);
  }
  await visit(list, engine, 'compute/vms');
  await expect(row(list, name)).toBeVisible();
  await page.bringToFront();
}

async function shutDown({ page, list, name }: Scene): Promise<void> {
  await openTab(page, 'General');
  await page.getByRole('button', { name: 'Shut down' }).click();
  await expect(status(page)).toHaveText('Down', { timeout: GUEST });
  await expect(row(list, name)).toContainText('Down');
}

async function change({ page, list, name }: Scene, disk: string): Promise<void> {
  await choose(page, name, 'Edit');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Description' }).fill('Made by hand');
  await dialog.getByRole('spinbutton', { name: 'Memory', exact: true }).fill('320');
  await dialog.getByRole('spinbutton', { name: 'Virtual sockets' }).fill('2');
  await shots(page, 'edit-vm');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(fact(page, 'Memory')).toHaveText('320 MiB');
  await expect(fact(page, 'Virtual CPUs')).toContainText('2 (');
  await expect(page.getByText('Made by hand')).toBeVisible();
  await expect(row(list, name)).toContainText('320 MiB');
  await openTab(page, 'Disks');
  await choose(page, disk, 'Edit');
  await dialog.getByRole('spinbutton', { name: 'Extend by' }).fill('1');
  await shots(page, 'edit-disk');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row(page, disk)).toContainText('1.1 GiB', { timeout: GUEST });
  await expect(row(page, disk)).toContainText('OK', { timeout: GUEST });
}

async function powerOff(scene: Scene): Promise<void> {
  const { page, name } = scene;
  await start(scene);
  await choose(page, name, 'Power off');
  await page.getByRole('dialog').getByRole('button', { name: 'Power off' }).click();
  await expect(status(page)).toHaveText('Down', { timeout: GUEST });
}

async function remove({ page, list, name }: Scene, disk: string): Promise<void> {
  await choose(page, name, 'Remove');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(name);
  await expect(dialog).toContainText(disk);
  await shots(page, 'remove-vm');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: 'Virtual machines', level: 1 })).toBeVisible();
  await expect(row(page, name)).toHaveCount(0, { timeout: GUEST });
  await expect(row(list, name)).toHaveCount(0);
  await page.getByRole('link', { name: 'Disks', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Disks', level: 1 })).toBeVisible();
  await loaded(page);
  await expect(row(page, disk)).toHaveCount(0, { timeout: GUEST });
}

test('a machine from creation to removal', async ({ page, engine, context }) => {
  const name = `portal-${Date.now() % 100_000}`;
  const disk = `${name}-system`;
  const list = await context.newPage();
  const scene = { page, list, engine, name };
  const ground = groundOf(name);
  await test.step('sign in', async () => {
    await page.goto(engine.portal);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await shots(page, 'sign-in');
    await signInHere(page, engine);
    await list.goto(`${engine.portal}compute/vms`);
    await expect(list.getByRole('heading', { name: 'Virtual machines', level: 1 })).toBeVisible();
    // A window behind another draws once a second, and a click waits until nothing moves.
    await page.bringToFront();
  });
  await test.step('make a data centre', () => createDataCenter(page, ground));
  await test.step('make a cluster in it', () => createCluster(page, ground));
  await test.step('make a network in it', () => createNetwork(page, ground));
  await test.step('see all that in the data centre', () => seeDataCenter(page, ground));
  const hasDomain = await test.step('make a storage domain', () => createDomain(page, ground));
  await test.step('upload its disk', () => uploadDisk(page, disk, hasDomain ? ground.domain : undefined));
  await test.step('create it', () => createMachine(page, name, disk));
  await expect(row(list, name)).toContainText('Down', { timeout: GUEST });
  await test.step('start it', () => start(scene));
  await test.step('see its guest', () => seeGuest(scene));
  await test.step('use its console', () => useConsole(scene));
  await test.step('migrate it', () => migrate(scene));
  await test.step('see what happened', () => seeEvents(scene));
  await test.step('shut it down', () => shutDown(scene));
  await test.step('change it and its disk', () => change(scene, disk));
  await test.step('start it again, power it off', () => powerOff(scene));
  await test.step('remove it with its disk', () => remove(scene, disk));
  if (hasDomain) await test.step('remove the storage domain', () => removeDomain(page, ground));
  await test.step('remove network, cluster and data centre', () => removeGround(page, ground));
});

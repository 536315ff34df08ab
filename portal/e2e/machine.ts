// What a person does with a virtual machine in the portal, as functions: upload its disk, create it, look at it, move it. Knows
// the pages' words; the tests say in which order.
import type { Locator, Page } from '@playwright/test';
import { isLive, guestImage } from './environment';
import { expect, row, shots } from './engine';

/** How long a guest may take to boot, to move or to end, milliseconds. */
export const GUEST = 240_000;

/** The head of a QCOW2 image of 64 MiB, for the stand-in. */
function fakeImage() {
  const bytes = Buffer.alloc(64 * 1024);
  bytes.writeUInt32BE(0x514649fb, 0);
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(BigInt(64 * 1024 ** 2), 24);
  return { name: 'tiny.qcow2', mimeType: 'application/octet-stream', buffer: bytes };
}

/** The label of the entity's state, on its page. */
export function status(page: Page): Locator {
  return page.locator('main .pf-v6-c-label').first();
}

/** The value of a fact on an entity's page. */
export function fact(page: Page, name: string): Locator {
  return page
    .locator('.pf-v6-c-description-list__group')
    .filter({ has: page.getByText(name, { exact: true }) })
    .first()
    .locator('dd');
}

/** An action of an entity's page that stands in its menu. */
export async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

export async function openTab(page: Page, title: string): Promise<void> {
  await page.getByRole('tab', { name: title }).click();
  await expect(page.getByRole('tabpanel', { name: title })).toBeVisible();
}

/** Uploads the guest's disk through the browser, to the storage domain of that name or to the form's own choice. */
export async function uploadDisk(page: Page, name: string, domain?: string): Promise<void> {
  await page.getByRole('link', { name: 'Disks', exact: true }).click();
  await page.getByRole('button', { name: 'Upload image' }).click();
  const dialog = page.getByRole('dialog');
  await page.locator('input[type=file]').setInputFiles(isLive() ? guestImage() : fakeImage());
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  if (domain !== undefined) {
    const choice = dialog.getByRole('combobox', { name: 'Storage domain' });
    // The label says how much room there is, too.
    const option = choice.locator('option', { hasText: domain });
    await expect(option).toHaveCount(1);
    await choice.selectOption((await option.getAttribute('value')) ?? '');
  }
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(dialog.getByText('Done')).toBeVisible({ timeout: GUEST });
  await shots(page, 'upload');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(row(page, name)).toContainText('OK');
  if (domain !== undefined && isLive()) await expect(row(page, name)).toContainText(domain);
}

/** Takes the cluster that FERROVIRT_CLUSTER names; else the form's own choice, or the last one that this run did not make. */
async function chooseCluster(page: Page, name: string): Promise<void> {
  const choice = page.getByRole('dialog').getByRole('combobox', { name: 'Cluster' });
  const wanted = process.env['FERROVIRT_CLUSTER'];
  await expect.poll(() => choice.locator('option').count()).toBeGreaterThan(0);
  if (!wanted && (await choice.inputValue()) !== '') return;
  const labels = (await choice.locator('option').allTextContents()).filter((label) => !label.startsWith(name));
  await choice.selectOption({ label: wanted ?? labels.at(-1) ?? '' });
}

/** Creates a machine that boots from `disk`, with a NIC; ends on its page. */
export async function createMachine(page: Page, name: string, disk: string): Promise<void> {
  await page.getByRole('link', { name: 'Virtual machines' }).first().click();
  await page.getByRole('button', { name: 'Create virtual machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).first().fill(name);
  await chooseCluster(page, name);
  await dialog.getByRole('spinbutton', { name: 'Memory' }).fill('256');
  await shots(page, 'create-vm-general');
  await dialog.getByRole('button', { name: 'Attach existing disk' }).click();
  const choice = page.locator('#disk-1-existing');
  await expect(choice.locator('option', { hasText: disk })).toHaveCount(1);
  const labels = await choice.locator('option').allTextContents();
  await choice.selectOption({ label: labels.find((label) => label.startsWith(disk)) ?? disk });
  await dialog.getByRole('button', { name: 'Add network interface' }).click();
  const profile = dialog.getByRole('combobox', { name: 'vNIC profile of interface 1' });
  await profile.scrollIntoViewIfNeeded();
  // Of the networks that there may be, guests get their addresses in this one.
  const offered = await profile.locator('option').allTextContents();
  const management = offered.find((label) => label.includes('ovirtmgmt'));
  if (management !== undefined) await profile.selectOption({ label: management });
  await shots(page, 'create-vm-devices');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

/** Asks for a migration, wherever the scheduler likes. */
export async function askToMigrate(page: Page, picture?: string): Promise<void> {
  await page.getByRole('button', { name: 'Migrate' }).click();
  const dialog = page.getByRole('dialog');
  if (picture) await shots(page, picture);
  await dialog.getByRole('button', { name: 'Migrate' }).click();
  await expect(dialog).toHaveCount(0);
}

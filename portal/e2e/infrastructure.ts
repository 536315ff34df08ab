// What a person makes before there can be machines, as functions: a data centre with its cluster and network, and a storage
// domain; and how they take it away again. Knows the pages' words; the tests say in which order.
import type { Page } from '@playwright/test';
import { environment, isLive } from './environment';
import { expect, loaded, row, shots } from './engine';
import { choose, fact, GUEST, openTab, status } from './machine';

/** Names of what one run of the flow makes. */
export interface Ground {
  dataCenter: string;
  cluster: string;
  network: string;
  domain: string;
}

export function groundOf(name: string): Ground {
  return { dataCenter: `${name}-centre`, cluster: `${name}-cluster`, network: `${name}-network`, domain: `${name}-storage` };
}

const VLAN = '77';

/** Opens the list that the navigation calls so, and the form that its button opens. */
async function openForm(page: Page, list: string, button: string) {
  await openList(page, list);
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}

async function openList(page: Page, list: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: list, exact: true }).click();
  await expect(page.getByRole('heading', { name: list, level: 1 })).toBeVisible();
}

async function send(page: Page, name: string, picture: string): Promise<void> {
  await shots(page, picture);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(dialog).toHaveCount(0, { timeout: GUEST });
  await expect(row(page, name)).toBeVisible();
}

export async function createDataCenter(page: Page, { dataCenter }: Ground): Promise<void> {
  const dialog = await openForm(page, 'Data centres', 'Create data centre');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(dataCenter);
  await dialog.getByRole('textbox', { name: 'Description' }).fill('Made by hand');
  await send(page, dataCenter, 'create-data-centre');
  await expect(row(page, dataCenter)).toContainText('Made by hand');
}

export async function createCluster(page: Page, { dataCenter, cluster }: Ground): Promise<void> {
  const dialog = await openForm(page, 'Clusters', 'Create cluster');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(cluster);
  await dialog.getByRole('combobox', { name: 'Data centre' }).selectOption({ label: dataCenter });
  await send(page, cluster, 'create-cluster');
  await expect(row(page, cluster)).toContainText(dataCenter);
}

export async function createNetwork(page: Page, { dataCenter, network }: Ground): Promise<void> {
  const dialog = await openForm(page, 'Networks', 'Create network');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(network);
  await dialog.getByRole('combobox', { name: 'Data centre' }).selectOption({ label: dataCenter });
  await dialog.getByRole('textbox', { name: 'VLAN' }).fill(VLAN);
  await send(page, network, 'create-network');
  await expect(row(page, network)).toContainText(dataCenter);
  await expect(row(page, network)).toContainText(VLAN);
}

/** Looks at the data centre: what was made in it is shown there. */
export async function seeDataCenter(page: Page, { dataCenter, cluster, network }: Ground): Promise<void> {
  await openList(page, 'Data centres');
  await row(page, dataCenter).getByRole('link', { name: dataCenter }).click();
  await expect(page.getByRole('heading', { name: dataCenter, level: 1 })).toBeVisible();
  for (const [tab, made] of [['Clusters', cluster], ['Networks', network]] as const) {
    await openTab(page, tab);
    await expect(page.getByRole('tabpanel')).toContainText(made);
    await loaded(page);
    await shots(page, `data-centre-${tab.toLowerCase()}`);
  }
}

/**
 * Makes a domain in the folder that FERROVIRT_STORAGE_PATH names, which every host sees, for the data centre that has the hosts.
 * Says whether it did: a real engine whose environment names no folder goes without.
 */
export async function createDomain(page: Page, { domain }: Ground): Promise<boolean> {
  const { FERROVIRT_STORAGE_PATH: path, FERROVIRT_DATA_CENTER: dataCenter = 'Default' } = environment();
  if (isLive() && !path) return false;
  const dialog = await openForm(page, 'Storage domains', 'Create storage domain');
  await dialog.getByRole('textbox', { name: 'Name' }).fill(domain);
  await dialog.getByRole('combobox', { name: 'Type', exact: true }).selectOption({ label: 'POSIX path' });
  await dialog.getByRole('textbox', { name: 'Path' }).fill(path ?? '/srv/portal');
  await dialog.getByRole('textbox', { name: 'File system type' }).fill('bind');
  await dialog.getByRole('combobox', { name: 'Attach to data centre' }).selectOption({ label: dataCenter });
  await send(page, domain, 'create-domain');
  await expect(row(page, domain)).toContainText('Active', { timeout: GUEST });
  await row(page, domain).getByRole('link', { name: domain }).click();
  await expect(page.getByRole('heading', { name: domain, level: 1 })).toBeVisible();
  await expect(fact(page, 'Free')).toHaveText(/\d+(\.\d)? [KMGTP]iB/);
  await shots(page, 'domain');
  return true;
}

/** Maintenance, detach, removal with all data. */
export async function removeDomain(page: Page, { domain }: Ground): Promise<void> {
  await openList(page, 'Storage domains');
  await row(page, domain).getByRole('link', { name: domain }).click();
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Maintenance' }).click();
  await shots(page, 'maintain-domain');
  await dialog.getByRole('button', { name: 'Maintenance' }).click();
  await expect(status(page)).toHaveText('Maintenance', { timeout: GUEST });
  await choose(page, domain, 'Detach');
  await dialog.getByRole('button', { name: 'Detach' }).click();
  await expect(status(page)).toHaveText('Unattached', { timeout: GUEST });
  await choose(page, domain, 'Remove');
  await dialog.getByRole('checkbox', { name: 'Erase the data as well' }).check();
  await shots(page, 'remove-domain');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: 'Storage domains', level: 1 })).toBeVisible({ timeout: GUEST });
  await expect(row(page, domain)).toHaveCount(0, { timeout: GUEST });
}

/** Removes what is on the list by its page, and sees it leave the list. */
async function removeOf(page: Page, list: string, name: string): Promise<void> {
  await openList(page, list);
  await row(page, name).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await choose(page, name, 'Remove');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(name);
  await shots(page, `remove-${list.toLowerCase().replace(' ', '-')}`);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: list, level: 1 })).toBeVisible();
  await expect(row(page, name)).toHaveCount(0);
}

/** The network, the cluster, and at last the data centre. */
export async function removeGround(page: Page, { network, cluster, dataCenter }: Ground): Promise<void> {
  await removeOf(page, 'Networks', network);
  await removeOf(page, 'Clusters', cluster);
  await removeOf(page, 'Data centres', dataCenter);
}

// The main flow by hand: sign in, create a machine, start it, see its guest's address and its screen, migrate it, shut it
// down, remove it. Runs against a real engine when FERROVIRT_URL (or FERROVIRT_LAB_ENV) names one.
import type { Page } from '@playwright/test';
import { expect, shot, signIn, test } from './engine';

/** How long a guest may take to boot, be copied or shut down, milliseconds. */
const GUEST = 180_000;

/** Colours on the console's canvas: one means that nothing is shown. */
function colours(page: Page): Promise<number> {
  return page.locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const seen = new Set<number>();
    for (let index = 0; index + 2 < data.length; index += 4) {
      seen.add(((data[index] ?? 0) << 16) | ((data[index + 1] ?? 0) << 8) | (data[index + 2] ?? 0));
      if (seen.size > 32) break;
    }
    return seen.size;
  });
}

/** Takes the template that FERROVIRT_TEMPLATE names, else the disk that FERROVIRT_DISK names, else the first free disk. */
async function chooseSystem(page: Page): Promise<void> {
  const template = process.env['FERROVIRT_TEMPLATE'];
  if (template) {
    await page.getByRole('combobox', { name: 'Template' }).selectOption({ label: template });
    return;
  }
  await page.getByRole('button', { name: 'Attach existing disk' }).click();
  const choice = page.locator('#disk-1-existing');
  await expect.poll(() => choice.locator('option').count()).toBeGreaterThan(1);
  const labels = await choice.locator('option').allTextContents();
  const wanted = process.env['FERROVIRT_DISK'];
  await choice.selectOption({ label: labels.find((label) => (wanted ? label.startsWith(wanted) : !/^Choose/.test(label))) ?? '' });
}

/** Takes the cluster that FERROVIRT_CLUSTER names; else the form's own choice, or the last one where there are several. */
async function chooseCluster(page: Page): Promise<void> {
  const choice = page.getByRole('dialog').getByRole('combobox', { name: 'Cluster' });
  const wanted = process.env['FERROVIRT_CLUSTER'];
  await expect.poll(() => choice.locator('option').count()).toBeGreaterThan(0);
  if (!wanted && (await choice.inputValue()) !== '') return;
  const labels = await choice.locator('option').allTextContents();
  await choice.selectOption({ label: wanted ?? labels[labels.length - 1] ?? '' });
}

async function createMachine(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Virtual machines' }).first().click();
  await page.getByRole('button', { name: 'Create virtual machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).first().fill(name);
  await chooseCluster(page);
  await dialog.getByRole('spinbutton', { name: 'Memory' }).fill('512');
  await chooseSystem(page);
  await dialog.getByRole('button', { name: 'Add network interface' }).click();
  await shot(page, 'main-1-create');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible({ timeout: 60_000 });
}

test('a machine from creation to removal', async ({ page, engine }) => {
  const name = `portal-${Date.now() % 100_000}`;
  const status = page.locator('main .pf-v6-c-label').first();
  await signIn(page, engine);
  await shot(page, 'main-0-dashboard');
  await createMachine(page, name);

  const start = page.getByRole('button', { name: 'Start', exact: true });
  await expect(start).not.toHaveAttribute('aria-disabled', 'true', { timeout: GUEST });
  await start.click();
  await expect(status).toHaveText('Up', { timeout: GUEST });
  await page.reload();
  await expect(status).toHaveText('Up');
  const addresses = page.locator('.pf-v6-c-description-list__group', { hasText: 'IP addresses' }).locator('dd');
  await expect(addresses).toHaveText(/\d+\.\d+\.\d+\.\d+|[0-9a-f]+:/, { timeout: GUEST });
  await shot(page, 'main-2-up');

  await page.getByRole('tab', { name: 'Console' }).click();
  await expect(page.locator('[data-state="connected"]')).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => colours(page), { timeout: 30_000 }).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Send Ctrl+Alt+Del' }).isEnabled();
  await shot(page, 'main-3-console');

  await page.getByRole('tab', { name: 'General' }).click();
  const host = page.locator('.pf-v6-c-description-list__group', { hasText: /^Host/ }).first().locator('dd');
  const before = await host.textContent();
  await page.getByRole('button', { name: 'Migrate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Migrate' }).click();
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await shot(page, 'main-4-migrating');
  await expect.poll(() => host.textContent(), { timeout: GUEST }).not.toBe(before);
  await expect(status).toHaveText('Up', { timeout: GUEST });
  await shot(page, 'main-5-migrated');

  await page.getByRole('button', { name: 'Shut down' }).click();
  await expect(status).toHaveText('Down', { timeout: GUEST });

  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(name);
  // A disk that was there before stays there.
  if (!process.env['FERROVIRT_TEMPLATE']) await dialog.getByLabel('Keep the disks').check();
  await shot(page, 'main-6-remove');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('heading', { name: 'Virtual machines', level: 1 })).toBeVisible();
  await expect(page.locator(`tr[data-name="${name}"]`)).toHaveCount(0);
});

// How the portal behaves, against the stand-in engine: sign-in, live lists, search and order in the address, refusals,
// faults beside fields, a broken stream, uploads, long lists.
import { isLive } from './environment';
import { expect, row, shot, signIn, test, visit } from './engine';

test.skip(() => isLive(), 'needs the stand-in engine');

test('says so when the password is wrong, and stays signed in over a reload', async ({ page, engine }) => {
  await page.goto(engine.portal);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The user name or the password is wrong')).toBeVisible();
  await signIn(page, engine);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
  await page.getByRole('button', { name: /Signed in as/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('an ended session leads to the sign-in page and back to where one was', async ({ page, engine, context }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/hosts');
  await expect(row(page, 'host1')).toBeVisible();
  await context.clearCookies();
  await row(page, 'host1').getByRole('link', { name: 'host1' }).click();
  await expect(page.getByText('Your session has ended')).toBeVisible();
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'host1', level: 1 })).toBeVisible();
});

test('every page names the icon where it is', async ({ page, engine }) => {
  for (const path of ['', 'compute/vms/00000000-0000-0000-0000-00000000dead/general']) {
    await page.goto(engine.portal + path);
    const icon = page.locator('link[rel="icon"]');
    expect(await icon.evaluate((link: HTMLLinkElement) => link.href)).toBe(`${engine.portal}logo.svg`);
    const answer = await page.request.get(`${engine.portal}logo.svg`);
    expect(answer.headers()['content-type']).toBe('image/svg+xml');
  }
});

test('the list of machines follows the engine without being asked', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await expect(row(page, 'web1')).toContainText('Up');
  const world = engine.mock?.world;
  const web1 = world?.all('vm').find((vm) => vm.name === 'web1');
  world?.update('vm', web1?.id ?? '', { status: 'paused' });
  await expect(row(page, 'web1')).toContainText('Paused');
  world?.add('vm', { name: 'appeared', status: 'down', memory: '1073741824' });
  await expect(row(page, 'appeared')).toBeVisible();
  world?.remove('vm', web1?.id ?? '');
  await expect(row(page, 'web1')).toHaveCount(0);
});

test('search and order stand in the address', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  const search = page.getByRole('textbox', { name: 'Search Virtual machines' });
  await search.fill('name=web*');
  await search.press('Enter');
  await expect(row(page, 'web1')).toBeVisible();
  await expect(row(page, 'mail')).toHaveCount(0);
  expect(page.url()).toContain('search=name%3Dweb*');
  await page.getByRole('button', { name: 'Name' }).click();
  await expect(page.locator('tr[data-name]').first()).toHaveAttribute('data-name', 'web2');
  await page.reload();
  await expect(page.locator('tr[data-name]').first()).toHaveAttribute('data-name', 'web2');
  await expect(row(page, 'mail')).toHaveCount(0);
  await search.fill('bad!=1');
  await search.press('Enter');
  await expect(page.getByText(/could not use this search|Nothing matches/)).toBeVisible();
});

test('what is not allowed says why, and several machines start at once', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await row(page, 'web1').getByRole('link', { name: 'web1' }).click();
  await expect(page.getByRole('heading', { name: 'web1', level: 1 })).toBeVisible();
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await expect(start).toHaveAttribute('aria-disabled', 'true');
  await start.focus();
  await expect(page.getByRole('tooltip')).toHaveText('The machine is already running.');
  await visit(page, engine, 'compute/vms');
  await page.getByRole('checkbox', { name: 'Select mail' }).check();
  await page.getByRole('checkbox', { name: 'Select web2' }).check();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(row(page, 'mail')).toContainText('Up');
});

test('a highly available machine says what it does not do by itself', async ({ page, engine }) => {
  const id = (name: string): string => engine.mock?.world.all('vm').find((vm) => vm.name === name)?.id ?? '';
  await signIn(page, engine);
  const note = page.getByText('only once somebody confirms that the host was restarted');
  await visit(page, engine, `compute/vms/${id('web1')}/general`);
  await expect(page.getByRole('heading', { name: 'web1', level: 1 })).toBeVisible();
  await expect(note).toBeVisible();
  await shot(page, 'highly-available');
  await visit(page, engine, `compute/vms/${id('web2')}/general`);
  await expect(page.getByRole('heading', { name: 'web2', level: 1 })).toBeVisible();
  await expect(page.getByText('Highly available')).toBeVisible();
  await expect(note).toHaveCount(0);
});

test('a fault stands beside the field that caused it, and the form keeps its content', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await page.getByRole('button', { name: 'Create virtual machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('web1');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(dialog.locator('#name-help')).toContainText('VM with the same name already exists');
  await shot(page, 'form-fault');
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('web1');
});

test('a running job is shown where it was started and survives a reload', async ({ page, engine }) => {
  if (engine.mock) engine.mock.world.pace = 2_500;
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await row(page, 'web1').getByRole('link', { name: 'web1' }).click();
  await expect(page.getByRole('heading', { name: 'web1', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Migrate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Migrate' }).click();
  await expect(page.getByText(/Migrating VM web1 to host/)).toBeVisible();
  await page.reload();
  await expect(page.getByText(/Migrating VM web1 to host/)).toBeVisible();
  await shot(page, 'migrating');
  await page.getByRole('button', { name: /Jobs, 1 running/ }).click();
  await expect(page.getByRole('heading', { name: /Migrating VM web1/ }).last()).toBeVisible();
  await shot(page, 'jobs-drawer');
});

test('says when live updates are interrupted, and catches up', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'compute/vms');
  await expect(row(page, 'web1')).toContainText('Up');
  engine.mock?.breakStream(true);
  await expect(page.getByText('Live updates are interrupted')).toBeVisible();
  const world = engine.mock?.world;
  world?.update('vm', world.all('vm').find((vm) => vm.name === 'web1')?.id ?? '', { status: 'paused' });
  engine.mock?.breakStream(false);
  await expect(page.getByText('Live updates are interrupted')).toHaveCount(0, { timeout: 20_000 });
  await expect(row(page, 'web1')).toContainText('Paused');
});

test('uploads an image in pieces', async ({ page, engine }) => {
  await signIn(page, engine);
  await visit(page, engine, 'storage/disks');
  await page.getByRole('button', { name: 'Upload image' }).click();
  const bytes = Buffer.alloc(9 * 1024 * 1024);
  bytes.writeUInt32BE(0x514649fb, 0);
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(BigInt(2 * 1024 ** 3), 24);
  await page.locator('input[type=file]').setInputFiles({ name: 'tiny.qcow2', mimeType: 'application/octet-stream', buffer: bytes });
  await expect(page.getByText('QCOW2, 9 MiB to send, 2 GiB for the guest')).toBeVisible();
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(page.getByRole('dialog').getByText('Done')).toBeVisible({ timeout: 30_000 });
  await shot(page, 'upload');
  expect([...(engine.mock?.uploaded.values() ?? [])]).toEqual([bytes.length]);
});

test.describe('long lists', () => {
  test.use({ manyVms: 3_000 });
  test('render only what is in sight and load more on the way down', async ({ page, engine }) => {
    await signIn(page, engine);
    await visit(page, engine, 'compute/vms?search=name%3Dvm-*');
    await expect(row(page, 'vm-00000')).toBeVisible();
    expect(await page.locator('tr[data-name]').count()).toBeLessThan(60);
    const region = page.getByRole('region', { name: 'Virtual machines' }).last();
    await expect(async () => {
      await region.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await expect(row(page, 'vm-00999')).toBeAttached({ timeout: 300 });
    }).toPass({ timeout: 20_000 });
    expect(await page.locator('tr[data-name]').count()).toBeLessThan(60);
  });
});

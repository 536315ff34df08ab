// Several tabs of one browser: they share one event stream and one session.
import type { BrowserContext, Page } from '@playwright/test';
import { isLive } from './environment';
import { expect, row, signIn, test, visit, type Engine } from './engine';

test.skip(() => isLive(), 'needs the stand-in engine');

/** A browser opens so many HTTP/1.1 connections to one host. */
const CONNECTIONS = 6;

async function vmList(page: Page, engine: Engine): Promise<void> {
  await visit(page, engine, 'compute/vms');
  await expect(row(page, 'web1')).toContainText('Up');
}

/** Opens more tabs beside the one that is signed in; all show the machines. */
async function openTabs(page: Page, context: BrowserContext, engine: Engine, more: number): Promise<Page[]> {
  await signIn(page, engine);
  await vmList(page, engine);
  const tabs = [page];
  for (let index = 0; index < more; index += 1) {
    const tab = await context.newPage();
    await tab.goto(`${engine.portal}compute/vms`);
    await expect(row(tab, 'web1')).toContainText('Up');
    tabs.push(tab);
  }
  return tabs;
}

function setStatus(engine: Engine, status: string): void {
  const world = engine.mock?.world;
  world?.update('vm', world.all('vm').find((vm) => vm.name === 'web1')?.id ?? '', { status });
}

async function eachShows(tabs: Page[], status: string): Promise<void> {
  for (const tab of tabs) await expect(row(tab, 'web1')).toContainText(status);
}

test('more tabs than a browser has connections all work, and all follow the engine', async ({ page, context, engine }) => {
  const tabs = await openTabs(page, context, engine, CONNECTIONS);
  expect(engine.mock?.openStreams()).toBe(1);
  setStatus(engine, 'paused');
  await eachShows(tabs, 'Paused');
  expect(engine.mock?.openStreams()).toBe(1);
});

test('when the tab with the stream closes another goes on where it had come to', async ({ page, context, engine }) => {
  const [, ...others] = await openTabs(page, context, engine, 2);
  setStatus(engine, 'paused');
  await eachShows([page, ...others], 'Paused');
  expect(engine.mock?.resumedAfter).toEqual([]);
  const heard = engine.mock?.world.notes.at(-1)?.seq;
  await page.close();
  setStatus(engine, 'up');
  await eachShows(others, 'Up');
  expect(engine.mock?.resumedAfter).toEqual([heard]);
  expect(engine.mock?.openStreams()).toBe(1);
});

test('when the tab with the stream is frozen another takes it', async ({ page, context, engine }) => {
  const [, other] = await openTabs(page, context, engine, 1);
  if (!other) throw new Error('no other tab');
  setStatus(engine, 'paused');
  await eachShows([page, other], 'Paused');
  const heard = engine.mock?.world.notes.at(-1)?.seq;
  const frozen = await context.newCDPSession(page);
  await frozen.send('Debugger.enable');
  // A page that stands in the debugger does nothing any more, like one that the system suspends.
  void page.evaluate('debugger');
  await new Promise((stopped) => frozen.once('Debugger.paused', stopped));
  setStatus(engine, 'up');
  await expect(row(other, 'web1')).toContainText('Up', { timeout: 60_000 });
  expect(engine.mock?.resumedAfter).toEqual([heard]);
  await frozen.send('Debugger.disable');
  setStatus(engine, 'powering_down');
  await eachShows([page, other], 'Powering down');
  await expect.poll(() => engine.mock?.openStreams()).toBe(1);
});

test('each tab says when live updates are interrupted, and catches up', async ({ page, context, engine }) => {
  const tabs = await openTabs(page, context, engine, 1);
  engine.mock?.breakStream(true);
  const late = await context.newPage();
  await late.goto(`${engine.portal}compute/vms`);
  tabs.push(late);
  for (const tab of tabs) await expect(tab.getByText('Live updates are interrupted')).toBeVisible();
  setStatus(engine, 'paused');
  engine.mock?.breakStream(false);
  for (const tab of tabs) await expect(tab.getByText('Live updates are interrupted')).toHaveCount(0, { timeout: 40_000 });
  await eachShows(tabs, 'Paused');
});

test('signing out in one tab ends all, and whoever signs in next is signed in everywhere', async ({ page, context, engine }) => {
  const [, other] = await openTabs(page, context, engine, 1);
  if (!other) throw new Error('no other tab');
  await page.getByRole('button', { name: /Signed in as/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(other.getByText('Your session has ended')).toBeVisible();
  await expect.poll(() => engine.mock?.openStreams()).toBe(0);
  await page.getByLabel('User name').fill('operator');
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  for (const tab of [page, other]) await expect(tab.getByRole('button', { name: 'Signed in as operator@internal' })).toBeVisible();
  setStatus(engine, 'paused');
  await eachShows([page, other], 'Paused');
  expect(engine.mock?.openStreams()).toBe(1);
});

test('a tab shows the user who has signed in elsewhere in place of the one who was', async ({ page, context, engine }) => {
  await signIn(page, engine);
  await vmList(page, engine);
  // The session of the other tab alone has been lost, so that it asks for a user while this one has not noticed.
  const other = await context.newPage();
  await context.clearCookies();
  await signIn(other, { ...engine, user: 'operator' });
  await expect(page.getByRole('button', { name: 'Signed in as operator@internal' })).toBeVisible();
  setStatus(engine, 'paused');
  await eachShows([page], 'Paused');
});

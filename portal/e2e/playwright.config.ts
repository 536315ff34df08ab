// Browser tests of the portal on the system's Chromium. Without an engine's address they run against the stand-in engine.
import { defineConfig } from '@playwright/test';
import { isLive } from './environment';

/** A real engine boots and moves real guests, maybe emulated on a slow machine; the stand-in is quick. */
const live = isLive();

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results/artifacts',
  timeout: live ? 900_000 : 240_000,
  expect: { timeout: live ? 60_000 : 20_000 },
  fullyParallel: true,
  workers: live ? 1 : 2,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    ignoreHTTPSErrors: true,
    // Nothing moves, so that a picture needs no waiting.
    contextOptions: { reducedMotion: 'reduce' },
    // A recording costs more than the test; a failure on the stand-in can be had again.
    trace: live ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});

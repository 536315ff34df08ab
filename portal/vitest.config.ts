// Unit tests of the portal: where they are and the browser stand-in they run in. Browser tests live in e2e/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['shared/src/**/*.test.{ts,tsx}', 'admin/src/**/*.test.{ts,tsx}'],
    server: { deps: { inline: [/@patternfly/] } },
    css: false,
  },
});

// Build of the administration portal: where it is served from and how it is cut into pieces that load when needed.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** An engine to develop against; `npm run mock` stands in for one. */
const engine = process.env['FERROVIRT_ENGINE'] ?? 'http://127.0.0.1:5180';

/** To the engine, a request that comes by here is one of its own page's: it refuses changes that another page asks for. */
const passed = { target: engine, secure: false, changeOrigin: true, headers: { origin: new URL(engine).origin } };

export default defineConfig({
  base: '/ovirt-engine/webadmin/',
  plugins: [react()],
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 1200 },
  server: {
    proxy: {
      '/ovirt-engine/api': passed,
      '/ovirt-engine/sso': passed,
      '/ovirt-engine/services': { ...passed, ws: true },
    },
  },
});

// Build of the administration portal: where it is served from and how it is cut into pieces that load when needed.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** An engine to develop against; `npm run mock` stands in for one. */
const engine = process.env['FERROVIRT_ENGINE'] ?? 'http://127.0.0.1:5180';

export default defineConfig({
  base: '/ovirt-engine/webadmin/',
  plugins: [react()],
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 1200 },
  server: {
    proxy: {
      '/ovirt-engine/api': { target: engine, secure: false },
      '/ovirt-engine/sso': { target: engine, secure: false },
      '/ovirt-engine/services': { target: engine, secure: false, ws: true },
    },
  },
});

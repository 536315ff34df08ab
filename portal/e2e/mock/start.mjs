// Starts the stand-in engine for work on the portal: node mock/start.mjs [port].
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('./server.ts', import.meta.url).pathname);
const port = Number(process.argv[2] ?? 5180);
const mock = await module.startMock(port);
console.log(`stand-in engine: ${mock.url}/ovirt-engine/webadmin/ (admin / secret)`);

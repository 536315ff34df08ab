// Image transfers: recognising a file, sending it in pieces with retries, and cancelling what failed.
import { describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../api/client';
import { HEAD_SIZE, recognise } from './image';
import { download, newDisk, TransferError, upload, type TransferProgress } from './transfer';

function qcow(virtualSize: number): ArrayBuffer {
  const head = new ArrayBuffer(HEAD_SIZE);
  const view = new DataView(head);
  view.setUint32(0, 0x514649fb);
  view.setBigUint64(24, BigInt(virtualSize));
  return head;
}

describe('recognise', () => {
  it('reads the virtual size of a QCOW2 image', () => {
    expect(recognise(qcow(10 * 1024 ** 3), 200_000)).toEqual({ format: 'cow', contentType: 'data', virtualSize: 10 * 1024 ** 3 });
  });

  it('knows an ISO by its mark and takes the rest for raw, in whole sectors', () => {
    const head = new ArrayBuffer(HEAD_SIZE);
    new Uint8Array(head).set([...'CD001'].map((letter) => letter.charCodeAt(0)), 0x8001);
    expect(recognise(head, 40_960).contentType).toBe('iso');
    expect(recognise(new ArrayBuffer(3), 513)).toEqual({ format: 'raw', contentType: 'data', virtualSize: 1024 });
  });
});

interface World {
  log: string[];
  context: { client: ApiClient; signal: AbortSignal; onProgress(progress: TransferProgress): void; fetchFunction: typeof fetch; pause: number };
  progress: TransferProgress[];
}

/** An engine that answers as told; `data` answers for the transfer service. */
function world(phases: string[], data: (attempt: number) => Response | Promise<Response>, abort = new AbortController()): World {
  const log: string[] = [];
  const progress: TransferProgress[] = [];
  const api = vi.fn<typeof fetch>((url, init) => {
    const path = String(url).replace('/ovirt-engine/api/', '');
    log.push(`${init?.method ?? ''} ${path}`);
    const body = path.startsWith('disks')
      ? { id: 'd', status: 'ok' }
      : path === 'imagetransfers/t'
        ? { id: 't', phase: phases.length > 1 ? phases.shift() : phases[0], proxy_url: 'https://proxy:54323/images/x' }
        : { id: 't', status: 'complete' };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  let attempt = 0;
  const fetchFunction: typeof fetch = (url, init) => {
    log.push(`${init?.method ?? 'GET'} ${String(url)} ${(init?.headers as Record<string, string> | undefined)?.['Content-Range'] ?? ''}`.trim());
    attempt += 1;
    return Promise.resolve(data(attempt));
  };
  return { log, progress, context: { client: new ApiClient(api), signal: abort.signal, onProgress: (step) => progress.push(step), fetchFunction, pause: 1 } };
}

const order = { file: new Blob([new Uint8Array(9 * 1024 * 1024)]), name: 'n', description: '', storageDomainId: 's', facts: { format: 'raw' as const, contentType: 'data' as const, virtualSize: 9 * 1024 * 1024 } };

describe('upload', () => {
  it('sends all pieces, flushes with the last, and finalizes', async () => {
    const { log, progress, context } = world(['initializing', 'transferring', 'finalizing_success', 'finished_success'], () => new Response(''));
    expect(await upload(order, context)).toBe('d');
    expect(log.filter((line) => line.startsWith('PUT'))).toEqual([
      'PUT https://proxy:54323/images/x?flush=n bytes 0-8388607/9437184',
      'PUT https://proxy:54323/images/x?flush=y bytes 8388608-9437183/9437184',
    ]);
    expect(log).toContain('POST imagetransfers/t/finalize');
    expect(progress.map((step) => step.stage)).toEqual(['creating', 'preparing', 'transferring', 'transferring', 'finalizing', 'done']);
  });

  it('tries a piece again after trouble, but not after a refusal', async () => {
    const lucky = world(['transferring', 'finished_success'], (attempt) => new Response('', { status: attempt === 1 ? 500 : 200 }));
    await upload(order, lucky.context);
    expect(lucky.log.filter((line) => line.startsWith('PUT'))).toHaveLength(3);
    const refused = world(['transferring'], () => new Response('', { status: 403 }));
    await expect(upload(order, refused.context)).rejects.toMatchObject({ key: 'transfer.chunkFailed', values: { status: 403 } });
    expect(refused.log.at(-1)).toBe('POST imagetransfers/t/cancel');
  });

  it('says that the service cannot be reached, and cancels', async () => {
    const { log, context } = world(['transferring'], () => Promise.reject(new TypeError('certificate')));
    await expect(upload(order, context)).rejects.toMatchObject({ key: 'transfer.notReachable', values: { host: 'proxy:54323' } });
    expect(log.filter((line) => line.startsWith('PUT'))).toHaveLength(4);
    expect(log.at(-1)).toBe('POST imagetransfers/t/cancel');
  });

  it('ends when the engine ends the transfer or the user cancels', async () => {
    const ended = world(['cancelled_system'], () => new Response(''));
    await expect(upload(order, ended.context)).rejects.toBeInstanceOf(TransferError);
    const abort = new AbortController();
    const left = world(['initializing'], () => new Response(''), abort);
    const running = upload(order, left.context);
    setTimeout(() => abort.abort(), 20);
    await expect(running).rejects.toMatchObject({ key: 'transfer.cancelled' });
  });

  it('orders a QCOW2 disk as large as the guest sees it', () => {
    const facts = { format: 'cow' as const, contentType: 'data' as const, virtualSize: 2048 };
    expect(newDisk({ ...order, facts })).toMatchObject({ format: 'cow', sparse: 'true', provisioned_size: '2048', initial_size: String(order.file.size) });
  });
});

describe('download', () => {
  it('hands all bytes to the sink and finalizes', async () => {
    const { log, context } = world(['transferring', 'finished_success'], () => new Response(new Uint8Array([1, 2, 3])));
    const got: number[] = [];
    const sink = { write: (piece: Uint8Array) => Promise.resolve(void got.push(...piece)), close: () => Promise.resolve() };
    await download({ id: 'd', format: 'raw', actual_size: '3' }, sink, context);
    expect(got).toEqual([1, 2, 3]);
    expect(log).toContain('POST imagetransfers/t/finalize');
  });
});

// Moves a disk's bytes between the browser and the image transfer service of the engine: opens the transfer, sends or
// fetches the data in pieces with retries, and closes it. Knows no page; tells its progress through a callback.
import type { ApiClient } from '../api/client';
import { wireBool } from '../api/parse';
import type { Disk, ImageTransfer } from '../api/types';
import type { ImageFacts } from './image';

export type TransferStage = 'creating' | 'preparing' | 'transferring' | 'finalizing' | 'done';

export interface TransferProgress {
  stage: TransferStage;
  /** Bytes moved so far. */
  moved: number;
  total: number;
}

/** Why a transfer ended early; `key` is a translation key with `values`. */
export class TransferError extends Error {
  constructor(
    readonly key: string,
    readonly values: Record<string, string | number> = {},
  ) {
    super(key);
    this.name = 'TransferError';
  }
}

export interface TransferContext {
  client: ApiClient;
  signal: AbortSignal;
  onProgress(progress: TransferProgress): void;
  /** Replaced in tests. */
  fetchFunction?: typeof fetch;
  /** Milliseconds between two looks at a state. */
  pause?: number;
}

const CHUNK = 8 * 1024 * 1024;
const CHUNK_ATTEMPTS = 4;
const READY_WITHIN = 120_000;

export interface UploadOrder {
  file: Blob;
  name: string;
  description: string;
  storageDomainId: string;
  facts: ImageFacts;
}

/** Creates a disk and fills it with the file. Gives the disk's id. A failure cancels the transfer; the engine then removes the disk. */
export async function upload(order: UploadOrder, context: TransferContext): Promise<string> {
  const total = order.file.size;
  context.onProgress({ stage: 'creating', moved: 0, total });
  const disk = await context.client.post<Disk>('disks', newDisk(order), { signal: context.signal });
  const diskId = disk.id ?? '';
  await until(context, async () => (await context.client.get<Disk>(`disks/${diskId}`)).status === 'ok');
  return withTransfer(context, { disk: { id: diskId }, direction: 'upload', format: order.facts.format }, total, async (url) => {
    await sendAll(url, order.file, context);
    return diskId;
  });
}

/** The body that creates the disk for an image. */
export function newDisk(order: UploadOrder): Disk {
  const { facts } = order;
  return {
    name: order.name,
    description: order.description,
    format: facts.format,
    content_type: facts.contentType,
    sparse: wireBool(facts.format === 'cow' || facts.contentType === 'data'),
    provisioned_size: String(facts.virtualSize),
    ...(facts.format === 'cow' ? { initial_size: String(order.file.size) } : {}),
    storage_domains: { storage_domain: [{ id: order.storageDomainId }] },
  };
}

/** Where downloaded bytes go. */
export interface Sink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

/** Fetches a disk's bytes into a sink. */
export async function download(disk: Disk, sink: Sink, context: TransferContext): Promise<void> {
  const total = Number(disk.actual_size ?? disk.provisioned_size ?? 0);
  const order = { disk: { id: disk.id ?? '' }, direction: 'download', format: disk.format ?? 'raw' };
  await withTransfer(context, order, total, async (url) => {
    const response = await reach(context, url, { signal: context.signal });
    if (!response.ok || !response.body) throw new TransferError('transfer.chunkFailed', { status: response.status });
    const length = Number(response.headers.get('Content-Length') ?? total);
    const reader = response.body.getReader();
    let moved = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await sink.write(value as Uint8Array<ArrayBuffer>);
      moved += value.byteLength;
      context.onProgress({ stage: 'transferring', moved, total: length });
    }
    await sink.close();
  });
}

interface TransferRequest {
  disk: { id: string };
  direction: string;
  format: string;
}

/** Opens a transfer, lets `move` use its address, and finalizes it; on any failure cancels it. */
async function withTransfer<T>(
  context: TransferContext,
  request: TransferRequest,
  total: number,
  move: (url: string) => Promise<T>,
): Promise<T> {
  const { client, onProgress } = context;
  onProgress({ stage: 'preparing', moved: 0, total });
  const opened = await client.post<ImageTransfer>('imagetransfers', { ...request, timeout_policy: 'cancel' });
  const path = `imagetransfers/${opened.id ?? ''}`;
  try {
    const url = await waitForUrl(context, path);
    const result = await move(url);
    onProgress({ stage: 'finalizing', moved: total, total });
    await client.action(`${path}/finalize`);
    await waitForEnd(context, path);
    onProgress({ stage: 'done', moved: total, total });
    return result;
  } catch (error) {
    await client.action(`${path}/cancel`).catch(() => undefined);
    throw error;
  }
}

async function waitForUrl(context: TransferContext, path: string): Promise<string> {
  let url: string | undefined;
  await until(context, async () => {
    const transfer = await context.client.get<ImageTransfer>(path);
    const phase = transfer.phase ?? 'unknown';
    if (phase === 'transferring') url = transfer.proxy_url ?? transfer.transfer_url;
    else if (isEnd(phase)) throw new TransferError('transfer.failedPhase', { phase });
    return url !== undefined;
  });
  return url ?? '';
}

async function waitForEnd(context: TransferContext, path: string): Promise<void> {
  await until(context, async () => {
    const { phase = 'unknown' } = await context.client.get<ImageTransfer>(path);
    if (phase === 'finished_success') return true;
    if (isEnd(phase)) throw new TransferError('transfer.failedPhase', { phase });
    return false;
  });
}

function isEnd(phase: string): boolean {
  return /^(finished|cancelled)/.test(phase) && phase !== 'finished_success';
}

/** Asks until the answer is yes. */
async function until(context: TransferContext, ask: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + READY_WITHIN;
  while (!(await ask())) {
    if (Date.now() > end) throw new TransferError('transfer.timeout');
    await rest(context.pause ?? 1_000, context.signal);
  }
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new TransferError('transfer.cancelled'));
    const stop = (): void => {
      clearTimeout(timer);
      reject(new TransferError('transfer.cancelled'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

async function sendAll(url: string, file: Blob, context: TransferContext): Promise<void> {
  for (let start = 0; start < file.size; start += CHUNK) {
    const end = Math.min(start + CHUNK, file.size);
    const last = end === file.size;
    await sendChunk(`${url}?flush=${last ? 'y' : 'n'}`, file.slice(start, end), `bytes ${start}-${end - 1}/${file.size}`, context);
    context.onProgress({ stage: 'transferring', moved: end, total: file.size });
  }
}

async function sendChunk(url: string, body: Blob, range: string, context: TransferContext): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const retryable = attempt < CHUNK_ATTEMPTS;
    try {
      const response = await reach(context, url, {
        method: 'PUT',
        body,
        headers: { 'Content-Range': range, 'Content-Type': 'application/octet-stream' },
        signal: context.signal,
      });
      if (response.ok) return;
      if (!retryable || response.status < 500) throw new TransferError('transfer.chunkFailed', { status: response.status });
    } catch (error) {
      if (!retryable || !(error instanceof TransferError) || error.key !== 'transfer.notReachable') throw error;
    }
    await rest((context.pause ?? 1_000) * attempt, context.signal);
  }
}

/** A request to the transfer service. It stands on another port, so no cookie goes there. */
async function reach(context: TransferContext, url: string, init: RequestInit): Promise<Response> {
  const call = context.fetchFunction ?? fetch;
  try {
    return await call(url, { ...init, credentials: 'omit', mode: 'cors' });
  } catch {
    if (context.signal.aborted) throw new TransferError('transfer.cancelled');
    throw new TransferError('transfer.notReachable', { host: new URL(url).host });
  }
}

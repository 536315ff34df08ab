// The event stream: its text in pieces, resuming, backing off, silence, and what it does to the cache.
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../api/client';
import { keys } from '../query/keys';
import { CachePatcher } from './cachePatcher';
import { backoff, EventStream, parseChange, type StreamListener } from './eventStream';
import { StreamParser } from './parser';

describe('StreamParser', () => {
  const text = ': heartbeat\r\n\r\nid: 7\nevent: change\ndata: {"a":\ndata: 1}\n\nevent: reset\n\n';
  const whole = [
    { event: 'change', data: '{"a":\n1}', id: '7' },
    { event: 'reset', data: '', id: '7' },
  ];

  it('reads a stream however it is cut', () => {
    for (let size = 1; size <= text.length; size += 1) {
      const parser = new StreamParser();
      const messages = [];
      for (let at = 0; at < text.length; at += size) messages.push(...parser.push(text.slice(at, at + size)));
      expect(messages, `pieces of ${size}`).toEqual(whole);
    }
  });

  it('gives nothing for comments and unfinished messages', () => {
    const parser = new StreamParser();
    expect(parser.push(':x\n\nid: 3\n\ndata: y')).toEqual([]);
    expect(parser.push('\n\n')).toEqual([{ event: 'message', data: 'y', id: '3' }]);
  });
});

describe('parseChange', () => {
  it('takes only whole changes', () => {
    expect(parseChange('{"kind":"vm","id":"1","change":"updated"}')).toEqual({ kind: 'vm', id: '1', change: 'updated' });
    expect([parseChange('{'), parseChange('{"kind":"vm","id":1,"change":"updated"}'), parseChange('{"kind":"vm","id":"1","change":"exploded"}')]).toEqual([undefined, undefined, undefined]);
  });
});

const times = { firstDelay: 1_000, longestDelay: 30_000, silence: 40_000 };

describe('backoff', () => {
  it('doubles up to a limit and is spread by half', () => {
    expect([0, 1, 2, 10].map((attempt) => backoff(attempt, times, 0))).toEqual([1_000, 2_000, 4_000, 30_000]);
    expect(backoff(1, times, 1)).toBe(1_000);
  });
});

/** A server side of streams: each connection can be written to and ended. */
function fakeServer() {
  const connections: { headers: Record<string, string>; write(text: string): void; end(): void }[] = [];
  const fetchFunction: typeof fetch = (_url, init) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    init?.signal?.addEventListener('abort', () => controller?.error(new Error('aborted')));
    connections.push({
      headers: init?.headers as Record<string, string>,
      write: (text) => controller?.enqueue(new TextEncoder().encode(text)),
      end: () => controller?.close(),
    });
    return Promise.resolve(new Response(body));
  };
  return { connections, fetchFunction };
}

function fakeListener(): StreamListener & { log: string[] } {
  const log: string[] = [];
  return {
    log,
    onChange: (change) => log.push(`${change.kind} ${change.id} ${change.change}`),
    onReset: () => log.push('reset'),
    onState: (state) => log.push(state),
    onUnauthorized: () => log.push('unauthorized'),
  };
}

describe('EventStream', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('resumes after the last id and does not reset then', async () => {
    const server = fakeServer();
    const listener = fakeListener();
    const stream = new EventStream(listener, server.fetchFunction, times);
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    server.connections[0]?.write('id: 41\nevent: change\ndata: {"kind":"vm","id":"a","change":"updated"}\n\n');
    await vi.advanceTimersByTimeAsync(0);
    server.connections[0]?.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(listener.log).toEqual(['reset', 'live', 'vm a updated', 'down', 'live']);
    expect(server.connections[1]?.headers['Last-Event-ID']).toBe('41');
    stream.stop();
  });

  it('resets when it comes back without an id to resume from', async () => {
    const server = fakeServer();
    const listener = fakeListener();
    const stream = new EventStream(listener, server.fetchFunction, times);
    stream.start();
    await vi.advanceTimersByTimeAsync(0);
    server.connections[0]?.end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(listener.log).toEqual(['reset', 'live', 'down', 'reset', 'live']);
    stream.stop();
  });

  it('takes silence for a dead connection', async () => {
    const server = fakeServer();
    const listener = fakeListener();
    const stream = new EventStream(listener, server.fetchFunction, times);
    stream.start();
    await vi.advanceTimersByTimeAsync(39_000);
    server.connections[0]?.write(': here\n\n');
    await vi.advanceTimersByTimeAsync(39_000);
    expect(listener.log).not.toContain('down');
    await vi.advanceTimersByTimeAsync(1_500);
    expect(listener.log).toContain('down');
    stream.stop();
  });

  it('gives up on an engine that takes the request and never answers', async () => {
    const call = vi.fn<typeof fetch>((_url, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))));
    const listener = fakeListener();
    const stream = new EventStream(listener, call, times);
    stream.start('41');
    await vi.advanceTimersByTimeAsync(39_999);
    expect(listener.log).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(listener.log).toEqual(['down']);
    stream.stop();
  });

  it('waits longer after each failure and stops on 401', async () => {
    let status = 503;
    const call = vi.fn<typeof fetch>(() => Promise.resolve(new Response('', { status })));
    const listener = fakeListener();
    const stream = new EventStream(listener, call, times);
    stream.start();
    await vi.advanceTimersByTimeAsync(999);
    expect(call).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1 + 2_000);
    expect(call).toHaveBeenCalledTimes(3);
    status = 401;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(listener.log.at(-1)).toBe('unauthorized');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(call).toHaveBeenCalledTimes(4);
  });
});

describe('CachePatcher', () => {
  const state = { search: '', sort: 'name', descending: false };
  const list = (...items: object[]) => ({ pages: [items], pageParams: [1] });

  function setUp(answer: (url: string) => Response) {
    const call = vi.fn<typeof fetch>((url) => Promise.resolve(answer(String(url))));
    const cache = new QueryClient();
    const patcher = new CachePatcher(new ApiClient(call), cache);
    return { call, cache, patcher };
  }

  it('puts a changed item wherever it stands, with one request', async () => {
    const { call, cache, patcher } = setUp(() => new Response('{"id":"a","status":"up"}'));
    cache.setQueryData(keys.list('vm', state), list({ id: 'a', status: 'down' }, { id: 'b' }));
    cache.setQueryData(keys.item('vm', 'a'), { id: 'a', status: 'down' });
    patcher.take({ kind: 'vm', id: 'a', change: 'updated' });
    patcher.take({ kind: 'vm', id: 'a', change: 'updated' });
    await patcher.flush();
    expect(call).toHaveBeenCalledTimes(1);
    expect(cache.getQueryData(keys.list('vm', state))).toEqual(list({ id: 'a', status: 'up' }, { id: 'b' }));
    expect(cache.getQueryData(keys.item('vm', 'a'))).toEqual({ id: 'a', status: 'up' });
    patcher.stop();
  });

  it('does not ask for what nobody shows', async () => {
    const { call, patcher } = setUp(() => new Response('{}'));
    patcher.take({ kind: 'host', id: 'x', change: 'updated' });
    await patcher.flush();
    expect(call).not.toHaveBeenCalled();
    patcher.stop();
  });

  it('drops what is removed, or turns out to be gone', async () => {
    const { cache, patcher } = setUp(() => new Response('', { status: 404 }));
    cache.setQueryData(keys.list('vm', state), list({ id: 'a' }, { id: 'b' }, { id: 'c' }));
    patcher.take({ kind: 'vm', id: 'a', change: 'removed' });
    patcher.take({ kind: 'vm', id: 'b', change: 'updated' });
    await patcher.flush();
    expect(cache.getQueryData(keys.list('vm', state))).toEqual(list({ id: 'c' }));
    patcher.stop();
  });

  it('asks for the list instead when very many items changed', async () => {
    const { call, cache, patcher } = setUp(() => new Response('{}'));
    cache.setQueryData(keys.list('vm', state), list(...Array.from({ length: 40 }, (_, index) => ({ id: String(index) }))));
    for (let index = 0; index < 40; index += 1) patcher.take({ kind: 'vm', id: String(index), change: 'updated' });
    await patcher.flush();
    expect(call).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(cache.getQueryState(keys.list('vm', state))?.isInvalidated).toBe(true));
    patcher.stop();
  });

  it('keeps a creation a creation when updates follow at once', async () => {
    const { call, cache, patcher } = setUp(() => new Response('{}'));
    cache.setQueryData(keys.list('vm', state), list({ id: 'a' }));
    patcher.take({ kind: 'vm', id: 'new', change: 'created' });
    patcher.take({ kind: 'vm', id: 'new', change: 'updated' });
    await patcher.flush();
    expect(call).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(cache.getQueryState(keys.list('vm', state))?.isInvalidated).toBe(true));
    patcher.stop();
  });

  it('leaves a list that lacks a new member out of date when another of its items changes', async () => {
    const { cache, patcher } = setUp(() => new Response('{"id":"a","status":"up"}'));
    const created = Date.now() - 3_600_000;
    for (const key of [keys.all('vm'), keys.names('vm')]) {
      cache.setQueryData(key, [{ id: 'a' }], { updatedAt: created });
      await cache.invalidateQueries({ queryKey: key });
    }
    patcher.take({ kind: 'vm', id: 'a', change: 'updated' });
    await patcher.flush();
    expect(cache.getQueryData(keys.all('vm'))).toEqual([{ id: 'a', status: 'up' }]);
    for (const key of [keys.all('vm'), keys.names('vm')]) expect(cache.getQueryState(key)).toMatchObject({ isInvalidated: true, dataUpdatedAt: created });
    patcher.stop();
  });

  it('has the machines counted again when one is gone', async () => {
    const { cache, patcher } = setUp(() => new Response('{}'));
    cache.setQueryData(keys.root(), { summary: { vms: { total: '1' } } });
    patcher.take({ kind: 'host', id: 'h', change: 'removed' });
    await patcher.flush();
    expect(cache.getQueryState(keys.root())?.isInvalidated).toBe(false);
    patcher.take({ kind: 'vm', id: 'a', change: 'removed' });
    await patcher.flush();
    await vi.waitFor(() => expect(cache.getQueryState(keys.root())?.isInvalidated).toBe(true), { timeout: 5_000 });
    patcher.stop();
  });

  it('marks the parts of a changed item and the parts that show it', async () => {
    const { cache, patcher } = setUp(() => new Response('{}'));
    cache.setQueryData(keys.part('vm', 'a', 'nics'), []);
    cache.setQueryData(keys.part('vm', 'other', 'diskattachments'), []);
    cache.setQueryData(keys.part('vm', 'other', 'statistics'), []);
    patcher.take({ kind: 'vm', id: 'a', change: 'updated' });
    patcher.take({ kind: 'disk', id: 'd', change: 'updated' });
    await patcher.flush();
    expect(cache.getQueryState(keys.part('vm', 'a', 'nics'))?.isInvalidated).toBe(true);
    expect(cache.getQueryState(keys.part('vm', 'other', 'diskattachments'))?.isInvalidated).toBe(true);
    expect(cache.getQueryState(keys.part('vm', 'other', 'statistics'))?.isInvalidated).toBe(false);
    patcher.stop();
  });
});

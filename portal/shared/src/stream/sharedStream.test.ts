// The stream that tabs share: one holds it, all hear it, another takes over, and nobody goes on with what is out of date.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStream, type StreamListener } from './eventStream';
import { newTabStream, SharedStream, type Shared } from './sharedStream';

const streamTimes = { firstDelay: 1_000, longestDelay: 30_000, silence: 40_000 };
const times = { quiet: 15_000, answer: 10_000 };

/** One named lock, as https://www.w3.org/TR/web-locks/ has it: first come, first served, but for who steals. */
class FakeLocks {
  private holder: { reject(error: unknown): void } | undefined;
  private readonly queue: (() => void)[] = [];

  request(name: string, options: LockOptions, callback: (lock: Lock) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        const mine = { reject };
        this.holder = mine;
        void Promise.resolve().then(() => callback({ name, mode: 'exclusive' })).then((value) => {
          resolve(value);
          if (this.holder !== mine) return;
          this.holder = undefined;
          this.queue.shift()?.();
        });
      };
      if (options.steal) {
        this.holder?.reject(new DOMException('stolen', 'AbortError'));
        grant();
      } else if (this.holder) {
        this.queue.push(grant);
        options.signal?.addEventListener('abort', () => {
          if (!this.queue.includes(grant)) return;
          this.queue.splice(this.queue.indexOf(grant), 1);
          reject(new DOMException('left', 'AbortError'));
        });
      } else grant();
    });
  }
}

/** A browser with the engine behind it: tabs can be opened, frozen and closed, the engine's streams written to and ended. */
function fakeBrowser() {
  const locks = new FakeLocks() as unknown as LockManager;
  const channels = new Set<{ tab: Tab; name: string; onmessage: BroadcastChannel['onmessage'] }>();
  const streams: { open: boolean; resumed: string | undefined; write(text: string): void; end(): void }[] = [];
  let status = 200;

  interface Tab {
    log: string[];
    deaf: boolean;
    stream: SharedStream;
    /** Resolved while the tab is not frozen. */
    awake: Promise<void>;
  }

  const fetchFunction: typeof fetch = (_url, init) => {
    if (status !== 200) return Promise.resolve(new Response('', { status }));
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    const resumed = (init?.headers as Record<string, string>)['Last-Event-ID'];
    const entry = { open: true, resumed, write: (text: string) => controller?.enqueue(new TextEncoder().encode(text)), end: () => controller?.close() };
    init?.signal?.addEventListener('abort', () => {
      entry.open = false;
      controller?.error(new Error('aborted'));
    });
    streams.push(entry);
    return Promise.resolve(new Response(body));
  };

  const open = (user = 'u'): Tab => {
    const log: string[] = [];
    const listener: StreamListener = {
      onChange: (change) => log.push(`${change.id} ${change.change}`),
      onReset: () => log.push('reset'),
      onState: (state) => log.push(state),
      onUnauthorized: () => {
        log.push('unauthorized');
        tab.stream.stop();
      },
    };
    const shared: Shared = {
      locks: {
        request: async (...request: Parameters<LockManager['request']>) => {
          try {
            return await locks.request(...request);
          } finally {
            await tab.awake;
          }
        },
      } as LockManager,
      newStream: (given) => new EventStream(given, fetchFunction, streamTimes),
      newChannel: (name) => {
        const channel = {
          tab,
          name,
          onmessage: null as BroadcastChannel['onmessage'],
          postMessage: (data: unknown) => {
            for (const other of channels) {
              if (other.name !== name || other === channel || other.tab.deaf) continue;
              void other.tab.awake.then(() => {
                if (channels.has(other)) other.onmessage?.call({} as BroadcastChannel, new MessageEvent('message', { data: structuredClone(data) }));
              });
            }
          },
          close: () => void channels.delete(channel),
        };
        channels.add(channel);
        return channel;
      },
    };
    const tab: Tab = { log, deaf: false, awake: Promise.resolve(), stream: new SharedStream(listener, user, shared, times) };
    tab.stream.start();
    return tab;
  };
  const change = (seq: number, id: string): string => `id: ${seq}\nevent: change\ndata: {"kind":"vm","id":"${id}","change":"updated"}\n\n`;
  return {
    open,
    streams,
    answer: (next: number) => void (status = next),
    /** Tells of a change on the newest stream. */
    change: (seq: number, id: string) => streams.at(-1)?.write(change(seq, id)),
  };
}

/** Lets time pass, and then all that is due come to its end: streams take several turns. */
const settle = async (milliseconds = 0) => {
  await vi.advanceTimersByTimeAsync(milliseconds);
  for (let turn = 0; turn < 10; turn += 1) await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('SharedStream', () => {
  it('holds one stream for all tabs, and each hears all of it', async () => {
    const browser = fakeBrowser();
    const tabs = [browser.open(), browser.open(), browser.open()];
    await settle();
    browser.change(41, 'a');
    await settle();
    expect(browser.streams).toHaveLength(1);
    for (const tab of tabs) expect(tab.log).toEqual(['reset', 'live', 'a updated']);
  });

  it('has a tab that comes later read everything again, and the others not', async () => {
    const browser = fakeBrowser();
    const first = browser.open();
    await settle();
    browser.change(41, 'a');
    await settle(30_000);
    const later = browser.open();
    await settle();
    browser.change(42, 'b');
    await settle();
    expect(later.log).toEqual(['reset', 'live', 'b updated']);
    expect(first.log).toEqual(['reset', 'live', 'a updated', 'b updated']);
  });

  it('resumes where the tab that closed had come to', async () => {
    const browser = fakeBrowser();
    const [first, second, third] = [browser.open(), browser.open(), browser.open()];
    await settle();
    browser.change(41, 'a');
    await settle();
    first.stream.stop();
    await settle();
    expect(browser.streams.map(({ open, resumed }) => [open, resumed])).toEqual([[false, undefined], [true, '41']]);
    browser.change(42, 'b');
    await settle();
    for (const tab of [second, third]) expect(tab.log).toEqual(['reset', 'live', 'a updated', 'b updated']);
    expect(first.log).toEqual(['reset', 'live', 'a updated']);
  });

  it('has all read everything again when there is nothing to resume from', async () => {
    const browser = fakeBrowser();
    const [first, second, third] = [browser.open(), browser.open(), browser.open()];
    await settle();
    first.stream.stop();
    await settle();
    expect(browser.streams.at(-1)?.resumed).toBeUndefined();
    for (const tab of [second, third]) expect(tab.log).toEqual(['reset', 'live', 'reset']);
  });

  it('takes the stream from a tab that is frozen, which listens once it is back', async () => {
    const browser = fakeBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await settle();
    browser.change(41, 'a');
    await settle();
    let thaw = (): void => undefined;
    first.awake = new Promise((resolve) => (thaw = resolve));
    await settle(times.quiet + times.answer - 1);
    expect(browser.streams).toHaveLength(1);
    await settle(1);
    expect(browser.streams.map(({ resumed }) => resumed)).toEqual([undefined, '41']);
    browser.change(42, 'b');
    await settle();
    expect(second.log).toEqual(['reset', 'live', 'a updated', 'b updated']);
    thaw();
    await settle();
    expect(browser.streams.map(({ open }) => open)).toEqual([false, true]);
    browser.change(43, 'c');
    await settle();
    expect(first.log).toEqual(['reset', 'live', 'a updated', 'reset', 'c updated']);
    expect(second.log.slice(-2)).toEqual(['b updated', 'c updated']);
    // They do not take it from each other from then on.
    await settle(10 * 60_000);
    expect(browser.streams.filter(({ open }) => open)).toHaveLength(1);
  });

  it('leaves the stream to a tab that answers, however long nothing happens', async () => {
    const browser = fakeBrowser();
    const tabs = [browser.open(), browser.open(), browser.open()];
    for (let minute = 0; minute < 30; minute += 1) {
      await settle(30_000);
      browser.streams[0]?.write(': here\n\n');
    }
    expect(browser.streams).toHaveLength(1);
    for (const tab of tabs) expect(tab.log).toEqual(['reset', 'live']);
  });

  it('notices what it missed', async () => {
    const browser = fakeBrowser();
    const [, second] = [browser.open(), browser.open()];
    await settle();
    browser.change(41, 'a');
    await settle();
    second.deaf = true;
    browser.change(42, 'b');
    await settle();
    second.deaf = false;
    browser.change(43, 'c');
    await settle();
    browser.change(44, 'd');
    await settle();
    expect(second.log).toEqual(['reset', 'live', 'a updated', 'reset', 'd updated']);
  });

  it('says in every tab when it is down and when it is back', async () => {
    const browser = fakeBrowser();
    const tabs = [browser.open(), browser.open()];
    await settle();
    browser.change(41, 'a');
    await settle();
    browser.answer(503);
    browser.streams[0]?.end();
    await settle();
    const late = browser.open();
    await settle();
    for (const tab of tabs) expect(tab.log.at(-1)).toBe('down');
    expect(late.log).toEqual(['down']);
    browser.answer(200);
    await settle(5_000);
    expect(browser.streams.map(({ resumed }) => resumed)).toEqual([undefined, '41']);
    for (const tab of tabs) expect(tab.log).toEqual(['reset', 'live', 'a updated', 'down', 'live']);
    expect(late.log).toEqual(['down', 'reset', 'live']);
  });

  it('finds out in every tab that the session has ended', async () => {
    const browser = fakeBrowser();
    const tabs = [browser.open(), browser.open(), browser.open()];
    await settle();
    browser.answer(401);
    browser.streams[0]?.end();
    await settle(1_000);
    for (const tab of tabs) expect(tab.log.at(-1)).toBe('unauthorized');
  });
});

describe('newTabStream', () => {
  const listener: StreamListener = { onChange: () => undefined, onReset: () => undefined, onState: () => undefined, onUnauthorized: () => undefined };

  it('shares where the browser can and the user is known, and else has a stream of its own', () => {
    vi.stubGlobal('navigator', { locks: {} });
    expect(newTabStream(listener, 'u')).toBeInstanceOf(SharedStream);
    expect(newTabStream(listener, undefined)).toBeInstanceOf(EventStream);
    vi.stubGlobal('navigator', {});
    expect(newTabStream(listener, 'u')).toBeInstanceOf(EventStream);
    vi.stubGlobal('navigator', { locks: {} });
    vi.stubGlobal('BroadcastChannel', undefined);
    expect(newTabStream(listener, 'u')).toBeInstanceOf(EventStream);
  });
});

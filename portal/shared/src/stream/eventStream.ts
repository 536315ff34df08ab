// Keeps one event stream to the engine open: resumes where it stopped, waits longer after each failure, notices silence.
// Knows nothing of caches or pages; it reports changes, resets and its own state.
import type { Kind } from '../api/resources';
import { API_ROOT } from '../api/client';
import { StreamParser, type StreamMessage } from './parser';

/** One change of one entity, as the engine tells it. */
export interface Change {
  kind: Kind;
  id: string;
  change: 'created' | 'updated' | 'removed';
}

export type StreamState = 'connecting' | 'live' | 'down';

export interface StreamListener {
  onChange(change: Change): void;
  /** Everything cached may be out of date. */
  onReset(): void;
  onState(state: StreamState): void;
  onUnauthorized(): void;
}

export interface StreamTimes {
  firstDelay: number;
  longestDelay: number;
  /** The engine sends a heartbeat each 15 s; this long without any byte means the connection is dead. */
  silence: number;
}

const TIMES: StreamTimes = { firstDelay: 1_000, longestDelay: 30_000, silence: 40_000 };

/** Milliseconds to wait before attempt `attempt` (from 0): doubled each time, shortened by up to half at random. */
export function backoff(attempt: number, times: StreamTimes, random: number): number {
  const full = Math.min(times.longestDelay, times.firstDelay * 2 ** attempt);
  return full * (1 - random / 2);
}

export class EventStream {
  private lastId: string | undefined;
  private attempt = 0;
  private stopped = true;
  private abort: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listener: StreamListener,
    private readonly fetchFunction: typeof fetch = (input, init) => fetch(input, init),
    private readonly times: StreamTimes = TIMES,
  ) {}

  /** The id of the last message that came, from which the stream would be resumed. */
  get place(): string | undefined {
    return this.lastId;
  }

  /** Opens the stream: after the message with the id `place`, or with a reset when there is none. */
  start(place?: string): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.lastId = place;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.abort?.abort();
  }

  private async connect(): Promise<void> {
    this.abort = new AbortController();
    this.watch(this.abort);
    try {
      const response = await this.fetchFunction(`${API_ROOT}/events/stream`, {
        headers: this.headers(),
        credentials: 'same-origin',
        cache: 'no-store',
        signal: this.abort.signal,
      });
      if (this.stopped) return;
      if (response.status === 401) {
        this.stopped = true;
        this.listener.onUnauthorized();
        return;
      }
      if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
      this.opened();
      await this.read(response.body.getReader(), this.abort);
    } catch {
      // Every reason ends the same way: the state is shown and the next attempt is planned below.
    } finally {
      clearTimeout(this.watchdog);
    }
    if (!this.stopped) this.reconnectLater();
  }

  private headers(): Record<string, string> {
    const headers: Record<string, string> = { Accept: 'text/event-stream', 'X-Requested-With': 'XMLHttpRequest' };
    if (this.lastId !== undefined) headers['Last-Event-ID'] = this.lastId;
    return headers;
  }

  private opened(): void {
    this.attempt = 0;
    // What was cached before the stream stood may have missed a change; a resumed stream replays what it missed.
    if (this.lastId === undefined) this.listener.onReset();
    this.listener.onState('live');
  }

  /** Gives the connection up when nothing comes from now on, be it the answer or what follows it. */
  private watch(abort: AbortController): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => abort.abort(), this.times.silence);
  }

  private async read(reader: ReadableStreamDefaultReader<Uint8Array>, abort: AbortController): Promise<void> {
    const parser = new StreamParser();
    const decoder = new TextDecoder();
    for (;;) {
      this.watch(abort);
      const { done, value } = await reader.read();
      if (done || this.stopped) return;
      for (const message of parser.push(decoder.decode(value, { stream: true }))) this.take(message);
    }
  }

  private take(message: StreamMessage): void {
    if (message.id !== undefined) this.lastId = message.id;
    if (message.event === 'reset') this.listener.onReset();
    if (message.event !== 'change') return;
    const change = parseChange(message.data);
    if (change) this.listener.onChange(change);
  }

  private reconnectLater(): void {
    this.listener.onState('down');
    const delay = backoff(this.attempt, this.times, Math.random());
    this.attempt += 1;
    this.timer = setTimeout(() => void this.connect(), delay);
  }
}

/** Reads the data of a `change` message; undefined for anything that is not one. */
export function parseChange(data: string): Change | undefined {
  try {
    const value = JSON.parse(data) as Partial<Change>;
    const known = value.change === 'created' || value.change === 'updated' || value.change === 'removed';
    return known && typeof value.kind === 'string' && typeof value.id === 'string' ? (value as Change) : undefined;
  } catch {
    return undefined;
  }
}

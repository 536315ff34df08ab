// Lets the tabs of one browser share one event stream: a browser opens only six HTTP/1.1 connections to a host, over all tabs.
// The tab that has the lock holds the stream and passes on what it tells; the others listen, and one of them takes over when
// it is gone or frozen. Knows nothing of caches or pages.
import { EventStream, type Change, type StreamListener, type StreamState } from './eventStream';

/** What the tab with the stream tells the others, who compare `before` with what they heard last: they notice what they missed. */
export interface Word {
  state: StreamState;
  /** The stream's place when the word before this one was told, and its place now; undefined until a message came. */
  before: string | undefined;
  place: string | undefined;
  change?: Change;
  reset?: boolean;
}

/** What a tab asks with: whoever holds the stream answers with a word. */
export const HELLO = 'hello';

export interface SharedTimes {
  /** Without a word for so many milliseconds, a listening tab asks whether the stream is still held. */
  quiet: number;
  /** Without an answer for so many more, it takes the stream: the tab that has it is frozen. */
  answer: number;
}

const TIMES: SharedTimes = { quiet: 15_000, answer: 10_000 };

/** What a browser lends to it, and the stream that it holds; tests bring their own. */
export interface Shared {
  locks: Pick<LockManager, 'request'>;
  newChannel(name: string): Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;
  newStream(listener: StreamListener): EventStream;
}

export class SharedStream {
  private readonly name: string;
  private channel: ReturnType<Shared['newChannel']> | undefined;
  /** The stream, while this tab holds it. */
  private stream: EventStream | undefined;
  private release: (() => void) | undefined;
  /** Leaves the queue for the lock. */
  private queue = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private state: StreamState = 'connecting';
  private place: string | undefined;
  /** Whether this tab has heard a live stream, and so misses nothing from then on without noticing. */
  private joined = false;

  /** Tabs share a stream when the same user is signed in: another may see other things. */
  constructor(
    private readonly listener: StreamListener,
    user: string,
    private readonly shared: Shared,
    private readonly times: SharedTimes = TIMES,
  ) {
    this.name = `ferrovirt.stream.${user}`;
  }

  start(): void {
    this.channel = this.shared.newChannel(this.name);
    this.channel.onmessage = ({ data }: MessageEvent<Word | typeof HELLO>) => this.receive(data);
    this.follow();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.abort();
    this.stream?.stop();
    this.release?.();
    this.channel?.close();
    this.channel = undefined;
  }

  /** Waits for its turn, and asks whether another tab has the stream. */
  private follow(): void {
    this.ask();
    this.queue = new AbortController();
    void this.hold({ signal: this.queue.signal });
  }

  private ask(): void {
    this.channel?.postMessage(HELLO);
    this.expect(this.times.answer, () => {
      this.queue.abort();
      void this.hold({ steal: true });
    });
  }

  private expect(within: number, otherwise: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(otherwise, within);
  }

  /** Has the stream for as long as this tab has the lock. */
  private async hold(options: LockOptions): Promise<void> {
    let held: EventStream | undefined;
    try {
      await this.shared.locks.request(this.name, options, () => {
        if (!this.channel) return undefined;
        held = this.open();
        return new Promise<void>((resolve) => (this.release = resolve));
      });
    } catch (error) {
      const aborted = error instanceof DOMException && error.name === 'AbortError';
      // A browser that grants no locks grants them to none of the tabs: each has a stream of its own.
      if (!aborted && this.channel) this.open();
    }
    if (!held || !this.channel) return;
    // Another tab took the lock: this one was frozen.
    held.stop();
    this.stream = undefined;
    this.follow();
  }

  private open(): EventStream {
    clearTimeout(this.timer);
    const stream = this.shared.newStream({
      // Only a live stream tells of changes and resets.
      onChange: (change) => this.tell('live', { change }),
      onReset: () => this.tell('live', { reset: true }),
      onState: (state) => this.tell(state),
      // The next tab that takes over finds the same out for itself.
      onUnauthorized: () => this.listener.onUnauthorized(),
    });
    this.stream = stream;
    // The others wait for their turn from now on.
    this.answer();
    stream.start(this.place);
    return stream;
  }

  /** Says where this tab's stream stands. */
  private answer(): void {
    this.channel?.postMessage({ state: this.state, before: this.place, place: this.place } satisfies Word);
  }

  private tell(state: StreamState, news: Pick<Word, 'change' | 'reset'> = {}): void {
    const word: Word = { state, before: this.place, place: this.stream?.place, ...news };
    this.channel?.postMessage(word);
    this.hear(word);
  }

  private receive(data: Word | typeof HELLO): void {
    if (this.stream) {
      if (data === HELLO) this.answer();
    } else if (data !== HELLO) {
      this.expect(this.times.quiet, () => this.ask());
      this.hear(data);
    }
  }

  private hear(word: Word): void {
    if (word.state === 'live') {
      const missed = !this.joined || word.before !== this.place;
      this.joined = true;
      this.place = word.place;
      if (missed || word.reset) this.listener.onReset();
      else if (word.change) this.listener.onChange(word.change);
    }
    if (word.state !== this.state) {
      this.state = word.state;
      this.listener.onState(word.state);
    }
  }
}

/** The stream of a tab where the user with this id is signed in: shared with the other tabs where the browser can do that. */
export function newTabStream(listener: StreamListener, user: string | undefined): SharedStream | EventStream {
  // Pages that did not come over TLS have no locks, whatever the types say.
  const locks = navigator.locks as LockManager | undefined;
  if (!user || !locks || typeof BroadcastChannel === 'undefined') return new EventStream(listener);
  return new SharedStream(listener, user, {
    locks,
    newChannel: (name) => new BroadcastChannel(name),
    newStream: (given) => new EventStream(given),
  });
}

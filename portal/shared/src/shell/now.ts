// The time, for what a page shows of it: one clock for each pace, shared by all who look at it, that runs only while somebody does.
import { useSyncExternalStore } from 'react';

export const SECOND = 1_000;
export const MINUTE = 60_000;

class Clock {
  private now = Date.now();
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly lookers = new Set<() => void>();

  constructor(private readonly every: number) {}

  readonly subscribe = (looker: () => void): (() => void) => {
    this.lookers.add(looker);
    this.timer ??= setInterval(() => this.tick(), this.every);
    return () => {
      this.lookers.delete(looker);
      if (this.lookers.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  /** A clock that nobody looked at has stood still. */
  readonly read = (): number => {
    if (this.timer === undefined && Math.abs(Date.now() - this.now) >= this.every) this.now = Date.now();
    return this.now;
  };

  private tick(): void {
    this.now = Date.now();
    for (const looker of this.lookers) looker();
  }
}

const clocks = new Map<number, Clock>();

function clock(every: number): Clock {
  const known = clocks.get(every) ?? new Clock(every);
  clocks.set(every, known);
  return known;
}

/** The time in milliseconds, at most `every` milliseconds ago: what shows it is drawn again at each tick. */
export function useNow(every: number): number {
  const { subscribe, read } = clock(every);
  return useSyncExternalStore(subscribe, read);
}

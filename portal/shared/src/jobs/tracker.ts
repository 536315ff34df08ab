// Remembers which requests of this tab may have started a job, so that the page of the entity shows the job again after a
// reload. Knows only ids; the jobs themselves are read from the engine.
import { useSyncExternalStore } from 'react';

export interface TrackedWork {
  /** The correlation id that the request carried; the job can be found by it. */
  correlationId: string;
  /** The job, where the answer named it. */
  jobId?: string | undefined;
  /** When the request was made, epoch milliseconds. */
  at: number;
}

const STORAGE_KEY = 'ferrovirt.work';
/** Jobs vanish from the engine an hour after they ended; a note older than this is useless. */
const LONGEST = 24 * 3600 * 1000;
/** Notes kept for one entity. */
const KEPT = 3;

type Notes = Record<string, TrackedWork[]>;

export class WorkTracker {
  private notes: Notes;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
  ) {
    this.notes = this.read();
  }

  /** `subject` is an entity's kind and id, or the name of a list for what is being created. */
  note(subject: string, work: Omit<TrackedWork, 'at'>): void {
    const list = [{ ...work, at: this.now() }, ...(this.notes[subject] ?? [])].slice(0, KEPT);
    this.write({ ...this.notes, [subject]: list });
  }

  forget(subject: string, correlationId: string): void {
    const list = (this.notes[subject] ?? []).filter((work) => work.correlationId !== correlationId);
    const next = { ...this.notes };
    if (list.length > 0) next[subject] = list;
    else delete next[subject];
    this.write(next);
  }

  of(subject: string): TrackedWork[] {
    return this.notes[subject] ?? NONE;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private read(): Notes {
    try {
      const notes = JSON.parse(this.storage.getItem(STORAGE_KEY) ?? '{}') as Notes;
      const fresh = Object.entries(notes).map(
        ([subject, list]) => [subject, list.filter((work) => this.now() - work.at < LONGEST)] as const,
      );
      return Object.fromEntries(fresh.filter(([, list]) => list.length > 0));
    } catch {
      return {};
    }
  }

  private write(notes: Notes): void {
    this.notes = notes;
    this.storage.setItem(STORAGE_KEY, JSON.stringify(notes));
    for (const listener of this.listeners) listener();
  }
}

const NONE: TrackedWork[] = [];
let shared: WorkTracker | undefined;

/** The tracker of this tab. */
export function workTracker(): WorkTracker {
  shared ??= new WorkTracker(window.sessionStorage);
  return shared;
}

export function useTrackedWork(subject: string): TrackedWork[] {
  const tracker = workTracker();
  return useSyncExternalStore(tracker.subscribe, () => tracker.of(subject));
}

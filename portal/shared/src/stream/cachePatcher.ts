// Turns changes told by the event stream into edits of the query cache: a changed item is fetched once and put into every
// list that holds it; lists that may have gained or lost members are asked again. Knows no connection and no page.
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { ApiClient } from '../api/client';
import { ApiFault } from '../api/fault';
import { RESOURCES, type Kind } from '../api/resources';
import type { Entity } from '../api/types';
import { keys } from '../query/keys';
import type { Change } from './eventStream';

/** Changes that arrive within this many milliseconds are handled together. */
const GATHER = 150;
/** Above this many changed items of one kind at once, asking for the list is cheaper than for each item. */
const MANY = 25;
/** A list is asked again at most this often, in milliseconds. */
const LIST_PAUSE = 1_000;
/** The same while very many items change at a time. */
const BUSY_PAUSE = 5_000;

/** Which parts of other entities show an entity of this kind. */
const SHOWN_IN: Partial<Record<Kind, string[]>> = {
  disk: ['diskattachments', 'disks'],
  vm: ['vms', 'reporteddevices', 'nics'],
  storage_domain: ['storagedomains'],
  network: ['networks', 'vnicprofiles'],
  vnic_profile: ['vnicprofiles'],
  event: ['events'],
  host: ['hosts'],
  template: ['templates'],
  cluster: ['clusters'],
};

export class CachePatcher {
  private readonly waiting = new Map<Kind, Map<string, Change['change']>>();
  private readonly listTimers = new Map<Kind, { timer: ReturnType<typeof setTimeout>; membership: boolean }>();
  private readonly listsAsked = new Map<Kind, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly cache: QueryClient,
  ) {}

  /** Notes a change; it is handled together with others that arrive at the same time. */
  take(change: Change): void {
    if (!(change.kind in RESOURCES)) return;
    const ofKind = this.waiting.get(change.kind) ?? new Map<string, Change['change']>();
    const before = ofKind.get(change.id);
    // A creation stays one when updates follow: the lists do not hold the item yet.
    if (!(before === 'created' && change.change === 'updated')) ofKind.set(change.id, change.change);
    this.waiting.set(change.kind, ofKind);
    this.timer ??= setTimeout(() => void this.flush(), GATHER);
  }

  /** Everything may be out of date: asks again for all that is on screen, and for the rest when it is next shown. */
  reset(): void {
    this.waiting.clear();
    void this.cache.invalidateQueries();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { timer } of this.listTimers.values()) clearTimeout(timer);
    this.listTimers.clear();
    this.waiting.clear();
  }

  async flush(): Promise<void> {
    this.timer = undefined;
    const batch = [...this.waiting];
    this.waiting.clear();
    await Promise.all(batch.map(([kind, changes]) => this.flushKind(kind, changes)));
  }

  private async flushKind(kind: Kind, changes: Map<string, Change['change']>): Promise<void> {
    for (const part of SHOWN_IN[kind] ?? []) this.invalidateParts(part);
    if (kind === 'job') void this.cache.invalidateQueries({ queryKey: keys.trackedJobs() });
    const updated: string[] = [];
    let membership = false;
    for (const [id, change] of changes) {
      void this.cache.invalidateQueries({ queryKey: keys.partsOf(kind, id) });
      if (change === 'removed') this.drop(kind, id);
      else if (change === 'created') membership = true;
      else updated.push(id);
    }
    const busy = updated.length > MANY;
    if (busy) {
      membership = true;
      void this.cache.invalidateQueries({ queryKey: keys.items(kind) });
    } else {
      await Promise.all(updated.map((id) => this.refetch(kind, id)));
    }
    this.refreshListsLater(kind, membership, busy ? BUSY_PAUSE : LIST_PAUSE);
  }

  private invalidateParts(part: string): void {
    void this.cache.invalidateQueries({
      predicate: (query) => query.queryKey[0] === 'part' && String(query.queryKey[3] ?? '').startsWith(part),
    });
  }

  /** Fetches one item when some query holds it, and puts it wherever it stands. */
  private async refetch(kind: Kind, id: string): Promise<void> {
    if (!this.isHeld(kind, id)) return;
    const { path, follow } = RESOURCES[kind];
    try {
      const item = await this.client.get<Entity>(`${path}/${id}`, { query: { follow } });
      this.put(kind, item);
    } catch (error) {
      if (error instanceof ApiFault && error.isNotFound) this.drop(kind, id);
      // Any other failure: the item stays as it was and is asked for again with its list.
      else void this.cache.invalidateQueries({ queryKey: keys.item(kind, id) });
    }
  }

  private isHeld(kind: Kind, id: string): boolean {
    if (this.cache.getQueryData(keys.item(kind, id)) !== undefined) return true;
    const all = this.cache.getQueryData<Entity[]>(keys.all(kind));
    if (all?.some((item) => item.id === id)) return true;
    return this.cache
      .getQueriesData<InfiniteData<Entity[]>>({ queryKey: keys.lists(kind) })
      .some(([, data]) => data?.pages.some((page) => page.some((item) => item.id === id)));
  }

  private put(kind: Kind, item: Entity): void {
    const replace = (items: Entity[]): Entity[] => items.map((old) => (old.id === item.id ? item : old));
    this.edit(kind, replace);
    if (item.id && this.cache.getQueryState(keys.item(kind, item.id))) {
      this.cache.setQueryData(keys.item(kind, item.id), item);
    }
  }

  private drop(kind: Kind, id: string): void {
    this.edit(kind, (items) => items.filter((item) => item.id !== id));
    void this.cache.invalidateQueries({ queryKey: keys.item(kind, id) });
  }

  private edit(kind: Kind, change: (items: Entity[]) => Entity[]): void {
    this.write<Entity[]>(keys.all(kind), change);
    this.write<Entity[]>(keys.names(kind), change);
    this.write<InfiniteData<Entity[]>>(keys.lists(kind), (data) => ({ ...data, pages: data.pages.map(change) }));
  }

  /** Only what is edited is new: an answer that is out of date otherwise, or lacks a member that came, stays marked as such. */
  private write<T>(queryKey: QueryKey, change: (data: T) => T): void {
    for (const query of this.cache.getQueryCache().findAll({ queryKey })) {
      const { isInvalidated, dataUpdatedAt } = query.state;
      this.cache.setQueryData<T>(query.queryKey, (data) => data && change(data), { updatedAt: dataUpdatedAt });
      if (isInvalidated) query.invalidate();
    }
  }

  /** Asks lists again: all of them when members came, those with a condition when items changed; never more often than `pause`. */
  private refreshListsLater(kind: Kind, membership: boolean, pause: number): void {
    const planned = this.listTimers.get(kind);
    if (planned) {
      planned.membership ||= membership;
      return;
    }
    const rest = (this.listsAsked.get(kind) ?? 0) + pause - Date.now();
    const plan = { membership, timer: setTimeout(() => this.refreshLists(kind), Math.max(membership ? GATHER : pause, rest)) };
    this.listTimers.set(kind, plan);
  }

  private refreshLists(kind: Kind): void {
    const membership = this.listTimers.get(kind)?.membership ?? false;
    this.listTimers.delete(kind);
    this.listsAsked.set(kind, Date.now());
    // The root document counts the machines.
    if (kind === 'vm') void this.cache.invalidateQueries({ queryKey: keys.root() });
    if (membership) {
      void this.cache.invalidateQueries({ queryKey: keys.all(kind) });
      void this.cache.invalidateQueries({ queryKey: keys.names(kind) });
    }
    void this.cache.invalidateQueries({
      queryKey: keys.lists(kind),
      predicate: (query) => membership || keys.hasCondition(query.queryKey),
    });
  }
}

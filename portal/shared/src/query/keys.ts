// The names under which answers of the engine are cached. One place, so that pages and the event stream mean the same entry.
import type { QueryKey } from '@tanstack/react-query';
import type { Kind } from '../api/resources';
import type { ListState } from '../url/listState';

export const keys = {
  lists: (kind: Kind): QueryKey => ['list', kind],
  list: (kind: Kind, state: ListState): QueryKey => ['list', kind, state],
  /** The whole collection, unpaged: for choosers and names. */
  all: (kind: Kind): QueryKey => ['all', kind],
  /** The whole collection without what its entries bring along: for names. */
  names: (kind: Kind): QueryKey => ['names', kind],
  items: (kind: Kind): QueryKey => ['item', kind],
  item: (kind: Kind, id: string): QueryKey => ['item', kind, id],
  partsOf: (kind: Kind, id: string): QueryKey => ['part', kind, id],
  /** A sub-collection of an item, such as a VM's `nics`. */
  part: (kind: Kind, id: string, part: string): QueryKey => ['part', kind, id, part],
  /** What a search in the collection `path` found, shown inside another entity's page. */
  found: (search: string, path: string): QueryKey => ['part', 'search', search, path],
  root: (): QueryKey => ['root'],
  trackedJobs: (): QueryKey => ['tracked-job'],
  trackedJob: (correlationId: string): QueryKey => ['tracked-job', correlationId],
  session: (): QueryKey => ['session'],
  hasCondition: (key: QueryKey): boolean => {
    const state = key[2] as ListState | undefined;
    return key[0] === 'list' && !!state && state.search !== '';
  },
};

// Reading entities: paged lists, whole collections, single items and their sub-collections, all through the query cache.
// The event stream keeps the cache true; these hooks poll only while it is down.
import { useMemo } from 'react';
import { keepPreviousData, useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { members, type ApiClient } from '../api/client';
import { ApiFault } from '../api/fault';
import { RESOURCES, type Kind } from '../api/resources';
import type { Entity } from '../api/types';
import { searchExpression, type ListState } from '../url/listState';
import { keys } from './keys';
import { useFallbackInterval, usePortal } from './portal';

/** Entries asked for at a time. */
export const PAGE_SIZE = 200;

/** Whether to ask again after a failure: twice, and only where that can help. */
export function retry(failures: number, error: Error): boolean {
  return error instanceof ApiFault && error.isTransient && failures < 2;
}

function fetchPage<T>(client: ApiClient, kind: Kind, state: ListState, page: number, signal: AbortSignal): Promise<T[]> {
  const resource = RESOURCES[kind];
  const query = resource.searchable
    ? { search: searchExpression(state, page), max: PAGE_SIZE, follow: resource.follow }
    : { follow: resource.follow };
  return client.get<object>(resource.path, { query, signal }).then((answer) => members<T>(answer, resource.element));
}

export interface ListResult<T> {
  items: T[];
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  hasMore: boolean;
  loadMore(): void;
  refetch(): void;
}

/** A list as its page shows it: searched and sorted by the engine where the collection can, page after page. */
export function useList<T extends Entity>(kind: Kind, state: ListState): ListResult<T> {
  const { client } = usePortal();
  const refetchInterval = useFallbackInterval();
  const searchable = RESOURCES[kind].searchable;
  // A collection without search is fetched once, whatever the user types.
  const asked = searchable ? state : { search: '', sort: '', descending: false };
  const query = useInfiniteQuery({
    queryKey: keys.list(kind, asked),
    queryFn: ({ pageParam, signal }) => fetchPage<T>(client, kind, asked, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (searchable && last.length === PAGE_SIZE ? pages.length + 1 : undefined),
    placeholderData: keepPreviousData,
    refetchInterval,
    retry,
  });
  const items = useMemo(() => distinct(query.data?.pages.flat() ?? []), [query.data]);
  return {
    items,
    isPending: query.isPending,
    isFetching: query.isFetching,
    error: query.error,
    hasMore: query.hasNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
    refetch: () => void query.refetch(),
  };
}

/** Entries that moved across a page boundary between two requests would stand twice. */
function distinct<T extends Entity>(items: T[]): T[] {
  const seen = new Set<string>();
  return items.filter((item) => item.id === undefined || (!seen.has(item.id) && seen.add(item.id)));
}

/** A whole collection, for choosers, names and counts. */
export function useAll<T extends Entity>(kind: Kind, enabled = true): UseQueryResult<T[]> {
  const { client } = usePortal();
  const refetchInterval = useFallbackInterval();
  const { path, element, follow } = RESOURCES[kind];
  return useQuery({
    queryKey: keys.all(kind),
    queryFn: async ({ signal }) => members<T>(await client.get<object>(path, { query: { follow }, signal }), element),
    enabled,
    refetchInterval,
    retry,
    staleTime: 60_000,
  });
}

/** Names by id, for references that carry only the id. */
export function useNames(kind: Kind): (id: string | undefined) => string | undefined {
  const { client } = usePortal();
  const { path, element } = RESOURCES[kind];
  const { data } = useQuery({
    queryKey: keys.names(kind),
    queryFn: async ({ signal }) => members<Entity>(await client.get<object>(path, { signal }), element),
    retry,
    staleTime: 60_000,
  });
  const byId = useMemo(() => new Map((data ?? []).map((item) => [item.id, item.name])), [data]);
  return (id) => (id === undefined ? undefined : byId.get(id));
}

export function useItem<T extends Entity>(kind: Kind, id: string): UseQueryResult<T> {
  const { client } = usePortal();
  const refetchInterval = useFallbackInterval();
  const { path, follow } = RESOURCES[kind];
  return useQuery({
    queryKey: keys.item(kind, id),
    queryFn: ({ signal }) => client.get<T>(`${path}/${id}`, { query: { follow }, signal }),
    refetchInterval,
    retry,
  });
}

export interface PartOptions {
  follow?: string;
  /** Milliseconds between samples, for numbers that the stream does not announce. */
  every?: number | undefined;
  enabled?: boolean;
}

/** A sub-collection of an item, such as the NICs of a VM. */
export function usePart<T>(kind: Kind, id: string, part: string, element: string, options: PartOptions = {}): UseQueryResult<T[]> {
  const { client } = usePortal();
  const fallback = useFallbackInterval();
  return useQuery({
    queryKey: keys.part(kind, id, part),
    queryFn: async ({ signal }) =>
      members<T>(
        await client.get<object>(`${RESOURCES[kind].path}/${id}/${part}`, { query: { follow: options.follow }, signal }),
        element,
      ),
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? fallback,
    retry,
  });
}

/** Entities that a search finds, for a table inside another entity's page: at most `max`, in the search's order. */
export function useFound<T extends Entity>(kind: Kind, search: string, max = 1_000): UseQueryResult<T[]> {
  const { client } = usePortal();
  const refetchInterval = useFallbackInterval();
  const { path, element, follow } = RESOURCES[kind];
  return useQuery({
    queryKey: keys.found(search, path),
    queryFn: async ({ signal }) =>
      members<T>(await client.get<object>(path, { query: { search, max, follow }, signal }), element),
    refetchInterval,
    retry,
  });
}

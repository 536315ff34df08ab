// Filters and sorts rows in the page, for collections that the engine does not search. Pure.
import { matchesWords } from '../url/listState';
import type { Column } from './types';

export function filterAndSort<T>(items: T[], columns: Column<T>[], search: string, sort: string, descending: boolean): T[] {
  const text = (column: Column<T>, item: T): string | undefined => column.value?.(item)?.toString();
  const kept =
    search.trim() === '' ? items : items.filter((item) => matchesWords(search, columns.map((column) => text(column, item))));
  const column = columns.find((candidate) => candidate.sort === sort);
  if (!column?.value) return kept;
  const valueOf = column.value;
  const sign = descending ? -1 : 1;
  return [...kept].sort((one, other) => sign * compare(valueOf(one), valueOf(other)));
}

/** Numbers by size, texts by language with numbers inside counted; what is unknown comes last. */
export function compare(one: string | number | undefined, other: string | number | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true, sensitivity: 'base' });
}

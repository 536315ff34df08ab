// A list's state as it stands in the page's address, and the search expression that the engine is asked with.
// Pure: knows neither router nor fetch.

export interface ListState {
  /** What the user typed, in the search language of the API. */
  search: string;
  /** Field to sort by; empty means the list's own order. */
  sort: string;
  descending: boolean;
}

export function readListState(parameters: URLSearchParams, defaultSort: string): ListState {
  const sort = parameters.get('sort') ?? defaultSort;
  return { search: parameters.get('search') ?? '', sort, descending: parameters.get('dir') === 'desc' };
}

/** Writes the state into a copy of the parameters and leaves all others alone. Defaults are left out. */
export function writeListState(parameters: URLSearchParams, state: ListState, defaultSort: string): URLSearchParams {
  const next = new URLSearchParams(parameters);
  const put = (name: string, value: string, standard: string): void => {
    if (value === standard) next.delete(name);
    else next.set(name, value);
  };
  put('search', state.search.trim(), '');
  put('sort', state.sort, defaultSort);
  put('dir', state.descending ? 'desc' : 'asc', 'asc');
  return next;
}

/** Takes `sortby` and `page` off a search: the list adds its own. */
export function searchCondition(search: string): string {
  return search
    .replace(/\bpage\s+\d+\b/gi, '')
    .replace(/\bsortby\s+\S+(\s+(asc|desc)\b)?/gi, '')
    .trim();
}

/** Whether the user's own text asks for an order. */
export function hasOwnOrder(search: string): boolean {
  return /\bsortby\s+\S+/i.test(search);
}

/** The whole expression for one page of a list, in the grammar `condition [sortby field asc|desc] page N`. */
export function searchExpression(state: ListState, page: number): string {
  const own = /\bsortby\s+\S+(\s+(asc|desc)\b)?/i.exec(state.search);
  const order = own ? own[0] : state.sort === '' ? '' : `sortby ${state.sort} ${state.descending ? 'desc' : 'asc'}`;
  return [searchCondition(state.search), order, `page ${page}`].filter((part) => part !== '').join(' ');
}

/** Puts a value into the search language so that spaces and quotes inside it stay text. */
export function quoted(value: string): string {
  return `"${value.replaceAll('"', '')}"`;
}

/** Filters entries that a collection without search gave: every word must stand in some text of the entry. */
export function matchesWords(search: string, texts: (string | undefined)[]): boolean {
  const haystack = texts.filter(Boolean).join(' ').toLowerCase();
  return searchCondition(search)
    .toLowerCase()
    .split(/\s+/)
    .every((word) => {
      const value = word.replace(/^[a-z_.]+=/, '').replaceAll('*', '').replaceAll('"', '');
      return haystack.includes(value);
    });
}

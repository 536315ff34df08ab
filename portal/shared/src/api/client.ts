// Speaks HTTP and JSON with the engine's public API under the session cookie. Knows no entity, no cache and no page.
import { ApiFault, faultFromBody } from './fault';
import type { Action, Reference } from './types';

/** Where the public API stands on the engine that served this page. */
export const API_ROOT = '/ovirt-engine/api';
/** Where the services beside the API stand. */
export const SERVICES_ROOT = '/ovirt-engine/services';

export type QueryParameters = Record<string, string | number | boolean | undefined>;

export interface RequestOptions {
  query?: QueryParameters | undefined;
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** Stored by the engine on the job and the events of this request. */
  correlationId?: string | undefined;
}

/** Joins a path below the API root, or an href of the API, with query parameters. */
export function apiUrl(path: string, query?: QueryParameters): string {
  const base = path.startsWith('/') ? path : `${API_ROOT}/${path}`;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? base : `${base}?${text}`;
}

/** A correlation id: short enough for the engine (36 characters) and unique enough to find one job by. */
export function newCorrelationId(): string {
  return crypto.randomUUID();
}

/** The API client. One a page; give it what to do when the session has ended. */
export class ApiClient {
  private readonly fetchFunction: typeof fetch;
  private unauthorizedListener: (() => void) | undefined;

  constructor(fetchFunction: typeof fetch = (input, init) => fetch(input, init)) {
    this.fetchFunction = fetchFunction;
  }

  /** Called whenever the engine answers 401 to a request of an opened session. */
  onUnauthorized(listener: (() => void) | undefined): void {
    this.unauthorizedListener = listener;
  }

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.request<T>('GET', path, undefined, options);
  }

  post<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    return this.request<T>('POST', path, body, options);
  }

  put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    return this.request<T>('PUT', path, body, options);
  }

  delete(path: string, options: RequestOptions = {}): Promise<Action> {
    return this.request<Action>('DELETE', path, undefined, options);
  }

  /** Performs an action of an entity. An action that answers "failed" is a fault even under status 200. */
  async action(path: string, body: object = {}, options: RequestOptions = {}): Promise<Action> {
    const action = await this.request<Action>('POST', path, body, options);
    if (action.fault) throw faultFromBody(200, 'Operation Failed', action);
    return action;
  }

  private async request<T>(method: string, path: string, body: unknown, options: RequestOptions): Promise<T> {
    const headers: Record<string, string> = {
      Accept: 'application/json',
      Version: '4',
      // Tells the engine that a script asks: it then leaves out the challenge that opens the browser's own password box.
      'X-Requested-With': 'XMLHttpRequest',
      ...options.headers,
    };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (options.correlationId) headers['Correlation-Id'] = options.correlationId;
    const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (options.signal) init.signal = options.signal;
    const response = await this.send(apiUrl(path, options.query), init);
    const answer = await readBody(response);
    if (response.ok) return answer as T;
    const fault = faultFromBody(response.status, response.statusText, answer);
    if (fault.isUnauthorized && !options.headers?.['Authorization']) this.unauthorizedListener?.();
    throw fault;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetchFunction(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiFault(0, 'unreachable', '');
    }
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (response.ok) throw new ApiFault(response.status, 'unreadable', '');
    return {};
  }
}

/** The members of a collection answer: `{"vm": [...]}`, or nothing when it is empty. */
export function members<T>(collection: object | undefined, element: string): T[] {
  const list = (collection as Record<string, unknown> | undefined)?.[element];
  return Array.isArray(list) ? (list as T[]) : [];
}

/** The id that a reference names. */
export function idOf(reference: Reference | undefined): string | undefined {
  return reference?.id;
}

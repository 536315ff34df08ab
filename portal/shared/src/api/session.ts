// Signing in and out, and who is signed in. The password is passed on once and kept nowhere.
import type { ApiClient } from './client';
import { API_ROOT, SERVICES_ROOT } from './client';
import { ApiFault } from './fault';
import type { Api } from './types';

/** Base64 of the UTF-8 bytes, as Basic authentication wants it (RFC 7617). */
export function basicCredentials(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** A name without a profile belongs to the internal profile. */
export function withProfile(user: string): string {
  return user.includes('@') ? user : `${user}@internal`;
}

/** Opens a session: the engine sets the cookie that carries all later requests. */
export function signIn(client: ApiClient, user: string, password: string): Promise<Api> {
  return client.get<Api>(API_ROOT, {
    headers: { Authorization: basicCredentials(withProfile(user), password), Prefer: 'persistent-auth' },
  });
}

/** The root document under the cookie that the browser holds, or undefined when no session is open. */
export async function currentSession(client: ApiClient, signal?: AbortSignal): Promise<Api | undefined> {
  try {
    return await client.get<Api>(API_ROOT, { signal, headers: { Prefer: 'persistent-auth' } });
  } catch (error) {
    if (error instanceof ApiFault && error.isUnauthorized) return undefined;
    throw error;
  }
}

/** Ends the session on the engine. */
export async function signOut(client: ApiClient): Promise<void> {
  await client.post(`${SERVICES_ROOT}/sso-logout`, {});
}

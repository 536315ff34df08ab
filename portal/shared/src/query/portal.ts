// What every component of a portal may reach: the API client, the signed-in session and the state of the event stream.
import { createContext, useContext } from 'react';
import type { ApiClient } from '../api/client';
import type { Api } from '../api/types';
import type { StreamState } from '../stream/eventStream';

export interface Portal {
  client: ApiClient;
  api: Api;
  streamState: StreamState;
  /** Closes the session and leads to the sign-in page. */
  leave(): void;
}

export const PortalContext = createContext<Portal | undefined>(undefined);

export function usePortal(): Portal {
  const portal = useContext(PortalContext);
  if (!portal) throw new Error('usePortal outside of a signed-in portal');
  return portal;
}

/** How often to poll, in milliseconds, while the stream is down; false while it tells of changes itself. */
export function useFallbackInterval(): number | false {
  return usePortal().streamState === 'down' ? 10_000 : false;
}

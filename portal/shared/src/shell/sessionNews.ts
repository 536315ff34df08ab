// Tells the other tabs of this browser that the session changed, and hears it from them: they all have the one cookie.
// Knows neither who signed in nor who signed out; whoever hears it asks the engine.
import { useCallback, useEffect, useRef } from 'react';

const CHANNEL = 'ferrovirt.session';

/** Calls `onNews` when another tab signed in or out; gives what tells them that this one did. */
export function useSessionNews(onNews: () => void): () => void {
  const channel = useRef<BroadcastChannel>(undefined);
  useEffect(() => {
    // Without it, a tab finds out by the next answer of the engine.
    if (typeof BroadcastChannel === 'undefined') return;
    const opened = new BroadcastChannel(CHANNEL);
    opened.onmessage = onNews;
    channel.current = opened;
    return () => opened.close();
  }, [onNews]);
  return useCallback(() => channel.current?.postMessage('changed'), []);
}

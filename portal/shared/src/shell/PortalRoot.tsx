// The frame around a portal: finds out whether a session is open, shows the sign-in page when not, keeps the event stream
// open while it is, and gives the pages what they may reach. Knows no page.
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Bullseye, Button, PageSection, Spinner } from '@patternfly/react-core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiClient } from '../api/client';
import { currentSession, signOut } from '../api/session';
import type { Api } from '../api/types';
import { FaultAlert } from '../form/faults';
import { PortalContext, type Portal } from '../query/portal';
import { CachePatcher } from '../stream/cachePatcher';
import type { StreamListener, StreamState } from '../stream/eventStream';
import { newTabStream } from '../stream/sharedStream';
import { DialogProvider } from './dialogs';
import { NotificationProvider } from './notifications';
import { useSessionNews } from './sessionNews';

const SignIn = lazy(() => import('./SignIn').then((module) => ({ default: module.SignIn })));

type Session = { phase: 'asking' } | { phase: 'out'; ended: boolean } | { phase: 'in'; api: Api } | { phase: 'failed'; error: unknown };

function userOf(api: Api): string | undefined {
  return api.authenticated_user?.id;
}

function newQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, refetchOnWindowFocus: false } } });
}

export function PortalRoot({ children }: { children: ReactNode }) {
  const [client] = useState(() => new ApiClient());
  const [session, setSession] = useState<Session>({ phase: 'asking' });
  const ask = useCallback(() => {
    currentSession(client)
      .then((api) => setSession(api ? { phase: 'in', api } : { phase: 'out', ended: false }))
      .catch((error: unknown) => setSession({ phase: 'failed', error }));
  }, [client]);
  useEffect(ask, [ask]);
  const again = (): void => {
    setSession({ phase: 'asking' });
    ask();
  };
  const ended = useCallback(() => setSession((before) => (before.phase === 'in' ? { phase: 'out', ended: true } : before)), []);
  useEffect(() => {
    client.onUnauthorized(ended);
    return () => client.onUnauthorized(undefined);
  }, [client, ended]);
  const askAgain = useCallback(() => {
    // An ended session is told as such; an engine that can't be reached is found out by what the page asks next.
    currentSession(client)
      .then((api) => api && setSession((before) => (before.phase === 'in' && userOf(before.api) === userOf(api) ? before : { phase: 'in', api })))
      .catch(() => undefined);
  }, [client]);
  const tellTabs = useSessionNews(askAgain);
  const enter = (api: Api): void => {
    setSession({ phase: 'in', api });
    tellTabs();
  };
  const leave = useCallback(() => {
    // Whatever the engine answers, this page has signed out; an unreachable engine ends the session by its time-out.
    void signOut(client)
      .catch(() => undefined)
      .finally(() => {
        setSession({ phase: 'out', ended: false });
        tellTabs();
      });
  }, [client, tellTabs]);

  if (session.phase === 'asking') return <Waiting />;
  if (session.phase === 'failed') return <Unreachable error={session.error} retry={again} />;
  if (session.phase === 'out') {
    return (
      <Suspense fallback={<Waiting />}>
        <SignIn client={client} ended={session.ended} onSignedIn={enter} />
      </Suspense>
    );
  }
  return (
    <SignedIn key={userOf(session.api)} client={client} api={session.api} leave={leave} onEnded={ended}>
      {children}
    </SignedIn>
  );
}

interface SignedInProps {
  client: ApiClient;
  api: Api;
  leave(): void;
  onEnded(): void;
  children: ReactNode;
}

function SignedIn({ client, api, leave, onEnded, children }: SignedInProps) {
  const [cache] = useState(newQueryClient);
  const [streamState, setStreamState] = useState<StreamState>('connecting');
  const user = userOf(api);
  useEffect(() => {
    const patcher = new CachePatcher(client, cache);
    let first = true;
    const listener: StreamListener = {
      onChange: (change) => patcher.take(change),
      onReset: () => {
        // Before the first connection stood, only answers that had come already can have missed a change.
        if (first) void cache.invalidateQueries({ predicate: (query) => query.state.dataUpdatedAt > 0 });
        else patcher.reset();
        first = false;
      },
      onState: setStreamState,
      onUnauthorized: onEnded,
    };
    const stream = newTabStream(listener, user);
    stream.start();
    return () => {
      stream.stop();
      patcher.stop();
    };
  }, [client, cache, user, onEnded]);
  const portal = useMemo<Portal>(() => ({ client, api, streamState, leave }), [client, api, streamState, leave]);
  return (
    <QueryClientProvider client={cache}>
      <PortalContext.Provider value={portal}>
        <NotificationProvider>
          <DialogProvider>{children}</DialogProvider>
        </NotificationProvider>
      </PortalContext.Provider>
    </QueryClientProvider>
  );
}

export function Waiting() {
  const { t } = useTranslation();
  return (
    <Bullseye>
      <Spinner aria-label={t('list.loading')} />
    </Bullseye>
  );
}

function Unreachable({ error, retry }: { error: unknown; retry(): void }) {
  const { t } = useTranslation();
  return (
    <PageSection>
      <FaultAlert error={error} />
      <Button variant="link" onClick={retry}>
        {t('list.retry')}
      </Button>
    </PageSection>
  );
}

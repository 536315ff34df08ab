// The screen of a virtual machine in the page: noVNC over a WebSocket through the engine, with the keys that a browser
// keeps for itself. Knows how to connect and reconnect; nothing of the machine's life.
import { useCallback, useEffect, useRef, useState } from 'react';
import RFB from '@novnc/novnc';
import { Alert, Button, EmptyState, Spinner, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem } from '@patternfly/react-core';
import { ExpandIcon } from '@patternfly/react-icons/dist/esm/icons/expand-icon';
import { KeyboardIcon } from '@patternfly/react-icons/dist/esm/icons/keyboard-icon';
import { SyncAltIcon } from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import { useTranslation } from 'react-i18next';
import { asFault } from '../api/fault';
import { FaultAlert } from '../form/faults';
import { usePortal } from '../query/portal';
import { openConsole } from './ticket';

type ScreenState = { phase: 'connecting' | 'connected' | 'closed' | 'lost' | 'refused' | 'none' } | { phase: 'failed'; error: unknown };

/** Opens a connection into `target` and reports its states. */
function useConsole(vmId: string, target: HTMLElement | null) {
  const { client } = usePortal();
  const [state, setState] = useState<ScreenState>({ phase: 'connecting' });
  const [round, setRound] = useState(0);
  const rfb = useRef<RFB | undefined>(undefined);

  useEffect(() => {
    if (!target) return undefined;
    let ended = false;
    const connect = async (): Promise<void> => {
      const connection = await openConsole(client, vmId);
      if (ended) return;
      if (!connection) return setState({ phase: 'none' });
      const session = new RFB(target, connection.url, {
        credentials: { password: connection.password },
        wsProtocols: ['binary'],
      });
      session.scaleViewport = true;
      session.focusOnClick = true;
      session.background = 'transparent';
      session.addEventListener('connect', () => setState({ phase: 'connected' }));
      session.addEventListener('securityfailure', () => setState({ phase: 'refused' }));
      session.addEventListener('disconnect', (event) => {
        const clean = (event as CustomEvent<{ clean: boolean }>).detail.clean;
        if (!ended) setState((before) => (before.phase === 'refused' ? before : { phase: clean ? 'closed' : 'lost' }));
      });
      rfb.current = session;
    };
    connect().catch((error: unknown) => !ended && setState({ phase: 'failed', error: asFault(error) }));
    return () => {
      ended = true;
      rfb.current?.disconnect();
      rfb.current = undefined;
    };
  }, [client, vmId, target, round]);

  const reconnect = useCallback(() => {
    setState({ phase: 'connecting' });
    setRound((before) => before + 1);
  }, []);
  const sendCtrlAltDel = useCallback(() => {
    rfb.current?.sendCtrlAltDel();
    rfb.current?.focus();
  }, []);
  return { state, reconnect, sendCtrlAltDel };
}

export function ConsoleScreen({ vmId, name }: { vmId: string; name: string }) {
  const { t } = useTranslation();
  const [screen, setScreen] = useState<HTMLDivElement | null>(null);
  const { state, reconnect, sendCtrlAltDel } = useConsole(vmId, screen);
  const connected = state.phase === 'connected';
  return (
    <>
      <Toolbar>
        <ToolbarContent>
          <ToolbarGroup variant="action-group">
            <ToolbarItem>
              <Button variant="secondary" icon={<KeyboardIcon />} isDisabled={!connected} onClick={sendCtrlAltDel}>
                {t('console.ctrlAltDel')}
              </Button>
            </ToolbarItem>
            <ToolbarItem>
              <Button
                variant="secondary"
                icon={<ExpandIcon />}
                isDisabled={!connected}
                onClick={() => void screen?.requestFullscreen()}
              >
                {t('console.fullscreen')}
              </Button>
            </ToolbarItem>
            <ToolbarItem>
              <Button variant="link" icon={<SyncAltIcon />} isDisabled={state.phase === 'connecting'} onClick={reconnect}>
                {t('console.reconnect')}
              </Button>
            </ToolbarItem>
          </ToolbarGroup>
        </ToolbarContent>
      </Toolbar>
      <ConsoleMessage state={state} />
      <div
        ref={setScreen}
        role="application"
        aria-label={t('console.screen', { name })}
        data-state={state.phase}
        // What the head of the page, the tabs and the buttons leave of the window.
        style={{ height: 'max(20rem, calc(100vh - 25rem))', width: '100%' }}
      />
    </>
  );
}

function ConsoleMessage({ state }: { state: ScreenState }) {
  const { t } = useTranslation();
  switch (state.phase) {
    case 'connecting':
      return <EmptyState icon={Spinner} titleText={t('console.connecting')} headingLevel="h2" />;
    case 'connected':
      return null;
    case 'failed':
      return <FaultAlert error={state.error} />;
    case 'none':
      return <Alert isInline variant="info" component="p" title={t('console.noVnc')} />;
    case 'refused':
      return <Alert isInline variant="danger" component="p" title={t('console.refused')} />;
    case 'lost':
      return <Alert isInline variant="warning" component="p" title={t('console.lost')} />;
    case 'closed':
      return <Alert isInline variant="info" component="p" title={t('console.disconnected')} />;
  }
}

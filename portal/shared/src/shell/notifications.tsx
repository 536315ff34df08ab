// Short messages at the edge of the page, announced to screen readers. Knows nothing of what they speak about.
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { Alert, AlertActionCloseButton, AlertGroup } from '@patternfly/react-core';
import type { ApiFault } from '../api/fault';
import { useFaultText } from '../form/faults';

export interface Notice {
  variant: 'success' | 'danger' | 'warning' | 'info';
  title: string;
  text?: string;
  fault?: ApiFault;
}

const NotifyContext = createContext<(notice: Notice) => void>(() => undefined);

export function useNotify(): (notice: Notice) => void {
  return useContext(NotifyContext);
}

export function NotificationProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<(Notice & { key: number })[]>([]);
  const faultText = useFaultText();
  const notify = useCallback((notice: Notice) => {
    setNotices((before) => [...before.slice(-4), { ...notice, key: (before.at(-1)?.key ?? 0) + 1 }]);
  }, []);
  const close = (key: number): void => setNotices((before) => before.filter((notice) => notice.key !== key));
  const value = useMemo(() => notify, [notify]);
  return (
    <NotifyContext.Provider value={value}>
      {children}
      <AlertGroup isToast isLiveRegion>
        {notices.map((notice) => (
          <Alert
            key={notice.key}
            variant={notice.variant}
            title={notice.title}
            timeout={notice.variant === 'danger' ? 20_000 : 6_000}
            onTimeout={() => close(notice.key)}
            actionClose={<AlertActionCloseButton title={notice.title} onClose={() => close(notice.key)} />}
          >
            {notice.fault ? faultText(notice.fault) : notice.text}
          </Alert>
        ))}
      </AlertGroup>
    </NotifyContext.Provider>
  );
}

// Which drawer stands open beside the page. It is part of the address, so that a reload keeps it.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type DrawerName = 'events' | 'jobs';

export function useDrawer(): [DrawerName | undefined, (name: DrawerName | undefined) => void] {
  const [parameters, setParameters] = useSearchParams();
  const value = parameters.get('drawer');
  const set = useCallback(
    (name: DrawerName | undefined) =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          if (name) next.set('drawer', name);
          else next.delete('drawer');
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  return [value === 'events' || value === 'jobs' ? value : undefined, set];
}

// The state of a running upload or download and how it is shown.
import { useEffect, useRef, useState } from 'react';
import { Alert, Progress } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { asFault, FaultAlert, formatBytes, percent, TransferError, type TransferProgress } from '@ferrovirt/portal-shared';

export interface TransferState {
  progress: TransferProgress | undefined;
  error: unknown;
  running: boolean;
  /** Runs the transfer; cancelled when the component goes. */
  start(move: (signal: AbortSignal, onProgress: (progress: TransferProgress) => void) => Promise<unknown>): void;
  cancel(): void;
}

export function useTransfer(): TransferState {
  const [progress, setProgress] = useState<TransferProgress>();
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (!running) return undefined;
    // The bytes come from this page: leaving it would end the transfer.
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [running]);
  const start: TransferState['start'] = (move) => {
    const controller = new AbortController();
    abort.current = controller;
    setError(undefined);
    setRunning(true);
    move(controller.signal, setProgress)
      .catch(setError)
      .finally(() => setRunning(false));
  };
  return { progress, error, running, start, cancel: () => abort.current?.abort() };
}

export function TransferProgressBar({ state }: { state: TransferState }) {
  const { t } = useTranslation();
  const { progress, error } = state;
  return (
    <div aria-live="polite">
      {progress && (
        <Progress
          title={t(`transfer.${progress.stage}`)}
          aria-label={t(`transfer.${progress.stage}`)}
          value={percent(progress.moved, progress.total)}
          label={`${formatBytes(progress.moved)} / ${formatBytes(progress.total)}`}
          {...(error ? { variant: 'danger' as const } : progress.stage === 'done' ? { variant: 'success' as const } : {})}
        />
      )}
      {error !== undefined &&
        (error instanceof TransferError ? (
          <Alert isInline variant="danger" component="p" title={t(error.key, error.values)} />
        ) : (
          <FaultAlert error={asFault(error)} />
        ))}
    </div>
  );
}

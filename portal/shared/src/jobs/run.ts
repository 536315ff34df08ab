// Asks the engine to do something: sends the request under its own correlation id, notes the work for the page that shows
// it, and tells the user when it was refused. Knows no particular action.
import { useCallback } from 'react';
import { newCorrelationId, type ApiClient, type RequestOptions } from '../api/client';
import { asFault } from '../api/fault';
import type { Action } from '../api/types';
import { usePortal } from '../query/portal';
import { useNotify } from '../shell/notifications';
import { workTracker } from './tracker';

export interface Work<T> {
  /** Entity kind and id ("vm/…"), or how to tell it from the answer, for what is being created. */
  subject: string | ((answer: T) => string);
  /** Said with the refusal: "Start web1". */
  title: string;
  perform(client: ApiClient, options: RequestOptions): Promise<T>;
}

/** Runs a piece of work. Throws the fault on, after noting the work, for a form to place it. */
export function useWork(): <T extends object>(work: Work<T>) => Promise<T> {
  const { client } = usePortal();
  return useCallback(
    async (work) => {
      const correlationId = newCorrelationId();
      const answer = await work.perform(client, { correlationId });
      const subject = typeof work.subject === 'string' ? work.subject : work.subject(answer);
      workTracker().note(subject, { correlationId, jobId: (answer as Action).job?.id });
      return answer;
    },
    [client],
  );
}

/** Runs a piece of work from a button: a refusal becomes a message on the page. True when it was accepted. */
export function useRun(): <T extends object>(work: Work<T>) => Promise<boolean> {
  const run = useWork();
  const notify = useNotify();
  return useCallback(
    async (work) => {
      try {
        await run(work);
        return true;
      } catch (error) {
        notify({ variant: 'danger', title: work.title, fault: asFault(error) });
        return false;
      }
    },
    [run, notify],
  );
}

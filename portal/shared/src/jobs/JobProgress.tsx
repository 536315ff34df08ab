// Shows the jobs that this tab has started on one subject: steps, progress and how they ended. Reads the jobs from the
// engine, so it tells the same after a reload.
import { useQuery } from '@tanstack/react-query';
import {
  Alert,
  AlertActionCloseButton,
  type AlertProps,
  Grid,
  GridItem,
  Progress,
  ProgressStep,
  ProgressStepper,
  type ProgressStepProps,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { members, type ApiClient } from '../api/client';
import { ApiFault } from '../api/fault';
import { int } from '../api/parse';
import type { Job, Step } from '../api/types';
import { formatDuration } from '../format/units';
import { keys } from '../query/keys';
import { usePortal } from '../query/portal';
import { useTrackedWork, workTracker, type TrackedWork } from './tracker';

/** How long a finished job stays on the page, in milliseconds. */
const SHOWN_AFTER_END = 15_000;
/** A request that made no job within this time made none at all. */
const NO_JOB_AFTER = 10_000;

async function fetchJob(client: ApiClient, work: TrackedWork, signal: AbortSignal): Promise<Job | null> {
  try {
    if (work.jobId) return await client.get<Job>(`jobs/${work.jobId}`, { query: { follow: 'steps' }, signal });
    const query = { search: `correlation_id=${work.correlationId}`, follow: 'steps' };
    return members<Job>(await client.get<object>('jobs', { query, signal }), 'job')[0] ?? null;
  } catch (error) {
    if (error instanceof ApiFault && error.isNotFound) return null;
    throw error;
  }
}

/** The job that a noted request has started, and when it was last read; null when there is none, undefined while unknown. */
export function useTrackedJob(work: TrackedWork): { job: Job | null | undefined; seenAt: number } {
  const { client } = usePortal();
  const { data, dataUpdatedAt } = useQuery({
    queryKey: keys.trackedJob(work.correlationId),
    queryFn: ({ signal }) => fetchJob(client, work, signal),
    // Progress inside a step is a sample, not a change of state: it is asked for while the job runs.
    refetchInterval: (query) => {
      const job = query.state.data;
      if (job) return job.status === 'started' ? 1_500 : false;
      return Date.now() - work.at < NO_JOB_AFTER ? 1_000 : false;
    },
  });
  return { job: data, seenAt: dataUpdatedAt };
}

/** The jobs of one subject. `subject` is an entity's kind and id or the name of a list. */
export function JobProgress({ subject }: { subject: string }) {
  const works = useTrackedWork(subject);
  if (works.length === 0) return null;
  return (
    <Grid hasGutter>
      {works.map((work) => (
        <TrackedJob key={work.correlationId} subject={subject} work={work} />
      ))}
    </Grid>
  );
}

function TrackedJob({ subject, work }: { subject: string; work: TrackedWork }) {
  const { t } = useTranslation();
  const { job, seenAt } = useTrackedJob(work);
  const what = job?.description ?? job?.name ?? '';
  const ended = job && job.status !== 'started';
  const close = (): void => workTracker().forget(subject, work.correlationId);
  // What ended well, or by somebody's wish, needs no answer.
  const calm = job?.status === 'finished' || job?.status === 'aborted';
  const longOver = calm && job.end_time !== undefined && seenAt - job.end_time > SHOWN_AFTER_END;
  if (!job || longOver) return null;
  const title =
    job.status === 'started'
      ? what
      : t(job.status === 'finished' ? 'job.finished' : job.status === 'aborted' ? 'job.aborted' : 'job.failed', { what });
  return (
    <GridItem>
      <Alert
        isInline
        isLiveRegion
        component="p"
        variant={ALERT_VARIANT[job.status ?? ''] ?? 'danger'}
        title={title}
        {...(ended
          ? {
              actionClose: <AlertActionCloseButton onClose={close} title={t('job.dismiss')} aria-label={t('job.dismiss')} />,
              ...(calm ? { timeout: SHOWN_AFTER_END, onTimeout: close } : {}),
            }
          : {})}
      >
        {!calm && <JobSteps job={job} />}
      </Alert>
    </GridItem>
  );
}

const ALERT_VARIANT: Record<string, AlertProps['variant']> = { started: 'info', finished: 'success', aborted: 'warning' };

const STEP_VARIANT: Record<string, ProgressStepProps['variant']> = {
  started: 'info',
  finished: 'success',
  failed: 'danger',
  aborted: 'warning',
};

/** The steps of a job in order, with a bar for the one that tells its progress. */
export function JobSteps({ job, isVertical = false }: { job: Job; isVertical?: boolean }) {
  const { t } = useTranslation();
  const steps = sortedSteps(job);
  const running = steps.findLast((step) => step.status === 'started');
  const share = running && int(running.progress);
  return (
    <Grid hasGutter>
      {share !== undefined && job.status === 'started' && (
        <GridItem>
          <Progress value={share} title={running?.description ?? t('job.progress')} aria-label={t('job.progress')} size="sm" />
        </GridItem>
      )}
      {steps.length > 0 && (
        <GridItem>
          <ProgressStepper isVertical={isVertical} aria-label={t('job.steps')}>
            {steps.map((step, index) => (
              <ProgressStep
                key={step.id ?? index}
                id={`step-${step.id ?? index}`}
                titleId={`step-title-${step.id ?? index}`}
                variant={STEP_VARIANT[step.status ?? ''] ?? 'pending'}
                isCurrent={step === running}
                aria-label={`${step.description ?? step.type ?? ''}: ${step.status ?? ''}`}
              >
                {step.description ?? step.type}
              </ProgressStep>
            ))}
          </ProgressStepper>
        </GridItem>
      )}
    </Grid>
  );
}

/** Steps in the order in which they run. */
export function sortedSteps(job: Job): Step[] {
  return [...(job.steps?.step ?? [])].sort(
    (one, other) =>
      (one.start_time ?? Infinity) - (other.start_time ?? Infinity) || (int(one.number) ?? 0) - (int(other.number) ?? 0),
  );
}

/** How long a job has run or took. */
export function jobDuration(job: Job, now: number): string {
  return formatDuration(job.start_time === undefined ? undefined : Math.max(0, (job.end_time ?? now) - job.start_time));
}

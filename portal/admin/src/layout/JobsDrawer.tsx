// The drawer of jobs: what the engine is working on and what it has just done, with steps.
import {
  EmptyState,
  NotificationDrawer,
  NotificationDrawerBody,
  NotificationDrawerHeader,
  NotificationDrawerList,
  NotificationDrawerListItem,
  NotificationDrawerListItemBody,
  NotificationDrawerListItemHeader,
} from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { date, FaultAlert, formatDate, jobDuration, JobSteps, SECOND, useAll, useNow, useWord, type Job } from '@ferrovirt/portal-shared';

const VARIANT: Record<string, 'info' | 'success' | 'danger' | 'warning'> = {
  started: 'info',
  finished: 'success',
  failed: 'danger',
  aborted: 'warning',
};

/** Running jobs first, then the newest. */
export function inOrder(jobs: Job[]): Job[] {
  const running = (job: Job): number => (job.status === 'started' ? 0 : 1);
  return [...jobs].sort((one, other) => running(one) - running(other) || (other.start_time ?? 0) - (one.start_time ?? 0));
}

export function JobsDrawer({ close }: { close(): void }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const jobs = useAll<Job>('job');
  const now = useNow(SECOND);
  return (
    <NotificationDrawer aria-label={t('nav.jobs')}>
      <NotificationDrawerHeader title={t('nav.jobs')} onClose={close} closeButtonAriaLabel={t('form.close')} />
      <NotificationDrawerBody tabIndex={0}>
        {jobs.error && <FaultAlert error={jobs.error} />}
        {jobs.data?.length === 0 && <EmptyState variant="sm" titleText={t('jobs.none')} headingLevel="h2" />}
        <NotificationDrawerList aria-label={t('nav.jobs')}>
          {inOrder(jobs.data ?? []).map((job) => (
            <NotificationDrawerListItem key={job.id} variant={VARIANT[job.status ?? ''] ?? 'info'} isRead={job.status !== 'started'} tabIndex={-1}>
              <NotificationDrawerListItemHeader
                variant={VARIANT[job.status ?? ''] ?? 'info'}
                title={job.description ?? ''}
                headingLevel="h2"
                srTitle={word('job', job.status)}
              />
              <NotificationDrawerListItemBody timestamp={`${formatDate(date(job.start_time), i18n.language)} · ${jobDuration(job, now)}`}>
                <JobSteps job={job} isVertical />
              </NotificationDrawerListItemBody>
            </NotificationDrawerListItem>
          ))}
        </NotificationDrawerList>
      </NotificationDrawerBody>
    </NotificationDrawer>
  );
}

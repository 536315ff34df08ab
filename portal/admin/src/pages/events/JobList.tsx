// All jobs that the engine remembers, newest first.
import { useTranslation } from 'react-i18next';
import { date, formatDate, jobDuration, ListPage, SECOND, sortedSteps, StatusLabel, useNow, type Column, type Job } from '@ferrovirt/portal-shared';

function Duration({ job }: { job: Job }) {
  return <>{jobDuration(job, useNow(SECOND))}</>;
}

export function JobList() {
  const { t, i18n } = useTranslation();
  const columns: Column<Job>[] = [
    { key: 'description', title: t('field.description'), width: 40, sort: 'description', render: (job) => job.description ?? '–', value: (job) => job.description },
    { key: 'status', title: t('field.status'), width: 15, sort: 'status', render: (job) => <StatusLabel area="job" status={job.status} />, value: (job) => job.status },
    { key: 'start', title: t('jobs.start'), width: 20, sort: 'start_time', render: (job) => formatDate(date(job.start_time), i18n.language), value: (job) => job.start_time },
    { key: 'duration', title: t('jobs.duration'), width: 10, render: (job) => <Duration job={job} /> },
    {
      key: 'step',
      title: t('jobs.step'),
      width: 15,
      render: (job) => sortedSteps(job).findLast((step) => step.status === 'started')?.description ?? t('jobs.steps', { count: sortedSteps(job).length }),
    },
  ];
  return <ListPage<Job> kind="job" title={t('nav.jobs')} example="web1" columns={columns} nameOf={(job) => job.description ?? job.id ?? ''} newestFirst />;
}

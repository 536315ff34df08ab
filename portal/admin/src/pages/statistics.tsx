// The samples of an entity as a table, each with its unit.
import { useTranslation } from 'react-i18next';
import type { UseQueryResult } from '@tanstack/react-query';
import { date, formatBytes, formatDate, formatDuration, formatRate, PartTable, statistic, type Column, type Statistic } from '@ferrovirt/portal-shared';

/** A sample's value in words of its unit. */
export function sampleText(sample: Statistic, language: string): string {
  const value = statistic([sample], sample.name ?? '');
  if (value === undefined) return sample.values?.value?.[0]?.detail ?? '–';
  if (sample.name === 'boot.time') return formatDate(date(value * 1000), language);
  switch (sample.unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytes_per_second':
      return formatRate(value);
    case 'bits_per_second':
      return `${Math.round(value / 1000)} kb/s`;
    case 'percent':
      return `${Math.round(value * 10) / 10} %`;
    case 'seconds':
      return formatDuration(value * 1000);
    default:
      return String(value);
  }
}

export function StatisticsTab({ query }: { query: UseQueryResult<Statistic[]> }) {
  const { t, i18n } = useTranslation();
  const columns: Column<Statistic>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (sample) => sample.description ?? sample.name ?? '–', value: (sample) => sample.name },
    { key: 'value', title: t('field.value'), render: (sample) => sampleText(sample, i18n.language) },
  ];
  return <PartTable label={t('tab.statistics')} query={query} columns={columns} sort="name" />;
}

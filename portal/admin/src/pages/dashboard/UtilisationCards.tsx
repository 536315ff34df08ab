// How much of processors, memory and storage is in use.
import { Card, CardBody, CardTitle, Gallery, GalleryItem, Progress, Skeleton } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { formatBytes, percent, type Host, type StorageDomain } from '@ferrovirt/portal-shared';
import { cpuUtilisation, memoryUtilisation, storageUtilisation, type Utilisation } from './numbers';

/** Shares above which a bar warns, percent. */
const WARN = 75;
const ALARM = 90;

export function UtilisationCards({ hosts, domains }: { hosts: Host[] | undefined; domains: StorageDomain[] | undefined }) {
  const { t } = useTranslation();
  const cpus = (use: Utilisation): string => t('dashboard.cpus', { used: Math.round(use.used * 10) / 10, total: use.total });
  const bytes = (use: Utilisation): string => t('dashboard.bytes', { used: formatBytes(use.used), total: formatBytes(use.total) });
  return (
    <Gallery hasGutter minWidths={{ default: '280px' }}>
      <GalleryItem>
        <UtilisationCard title={t('dashboard.cpu')} use={hosts && cpuUtilisation(hosts)} text={cpus} />
      </GalleryItem>
      <GalleryItem>
        <UtilisationCard title={t('field.memory')} use={hosts && memoryUtilisation(hosts)} text={bytes} />
      </GalleryItem>
      <GalleryItem>
        <UtilisationCard title={t('nav.storage')} use={domains && storageUtilisation(domains)} text={bytes} />
      </GalleryItem>
    </Gallery>
  );
}

function UtilisationCard({ title, use, text }: { title: string; use: Utilisation | undefined; text(use: Utilisation): string }) {
  const { t } = useTranslation();
  const share = use ? percent(use.used, use.total) : 0;
  return (
    <Card isFullHeight isCompact>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        {!use && <Skeleton screenreaderText={t('list.loading')} />}
        {use && use.total === 0 && t('dashboard.noSamples')}
        {use && use.total > 0 && (
          <Progress
            title={text(use)}
            aria-label={title}
            value={share}
            {...(share >= ALARM ? { variant: 'danger' as const } : share >= WARN ? { variant: 'warning' as const } : {})}
          />
        )}
      </CardBody>
    </Card>
  );
}

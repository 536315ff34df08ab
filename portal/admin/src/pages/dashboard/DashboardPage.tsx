// The first page: what there is and in which state, how much of it is used, and what happened lately.
import { Gallery, GalleryItem, Grid, GridItem, PageSection, Stack, StackItem, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  API_ROOT,
  keys,
  useAll,
  usePortal,
  type Api,
  type Cluster,
  type DataCenter,
  type Host,
  type StorageDomain,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { useDomainStatus } from '../storage/status';
import { InventoryCard } from './InventoryCard';
import { EventsCard } from './EventsCard';
import { countByStatus } from './numbers';
import { UtilisationCards } from './UtilisationCards';

/** The root document counts machines without fetching them. What it said at sign-in only fills the time until it has answered. */
function useSummary() {
  const { client, api } = usePortal();
  return useQuery({
    queryKey: keys.root(),
    queryFn: ({ signal }) => client.get<Api>(API_ROOT, { signal }),
    initialData: api,
    initialDataUpdatedAt: 0,
    refetchInterval: 10_000,
  }).data.summary;
}

export function DashboardPage() {
  const { t } = useTranslation();
  const summary = useSummary();
  const centers = useAll<DataCenter>('data_center');
  const clusters = useAll<Cluster>('cluster');
  const hosts = useAll<Host>('host');
  const domains = useAll<StorageDomain>('storage_domain');
  const statusOf = useDomainStatus();
  const active = Number(summary?.vms?.active ?? 0);
  const total = Number(summary?.vms?.total ?? 0);
  return (
    <PageSection isFilled aria-label={t('nav.dashboard')}>
      <Stack hasGutter>
        <StackItem>
          <Title headingLevel="h1">{t('nav.dashboard')}</Title>
        </StackItem>
        <StackItem>
          <Gallery hasGutter minWidths={{ default: '160px' }}>
            <GalleryItem>
              <InventoryCard title={t('nav.dataCenters')} path={paths.dataCenters} counts={countByStatus(centers.data, (center) => center.status)} area="dataCenter" error={centers.error} />
            </GalleryItem>
            <GalleryItem>
              <InventoryCard title={t('nav.clusters')} path={paths.clusters} counts={countByStatus(clusters.data, () => undefined)} area="any" error={clusters.error} />
            </GalleryItem>
            <GalleryItem>
              <InventoryCard title={t('nav.hosts')} path={paths.hosts} counts={countByStatus(hosts.data, (host) => host.status)} area="host" error={hosts.error} searchable />
            </GalleryItem>
            <GalleryItem>
              <InventoryCard
                title={t('nav.domains')}
                path={paths.domains}
                counts={countByStatus(domains.data, statusOf)}
                area="storage"
                error={domains.error}
                searchable
              />
            </GalleryItem>
            <GalleryItem>
              <InventoryCard
                title={t('nav.vms')}
                path={paths.vms}
                counts={summary ? { total, byStatus: [['up', active], ['down', total - active]] } : undefined}
                area="vm"
                error={null}
                searchable
              />
            </GalleryItem>
          </Gallery>
        </StackItem>
        <StackItem>
          <UtilisationCards hosts={hosts.data} domains={domains.data} />
        </StackItem>
        <StackItem>
          <Grid hasGutter>
            <GridItem xl={5}>
              <EventsCard title={t('dashboard.alerts')} search="severity=alert or severity=error sortby time desc" none={t('dashboard.noAlerts')} />
            </GridItem>
            <GridItem xl={7}>
              <EventsCard title={t('dashboard.recent')} search="sortby time desc" none={t('list.empty')} />
            </GridItem>
          </Grid>
        </StackItem>
      </Stack>
    </PageSection>
  );
}

// The page of one host.
import { Grid, GridItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  EntityPage,
  Facts,
  formatBytes,
  int,
  PartTable,
  quoted,
  StatusLabel,
  usePart,
  versionText,
  virtualCpus,
  type Column,
  type EntityTab,
  type Host,
  type HostNic,
  type Statistic,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { RefLink } from '../links';
import { EventsTab, VmsTab } from '../parts';
import { StatisticsTab } from '../statistics';
import { useHostActions } from './actions';

export function HostPage() {
  const { t } = useTranslation();
  const tabs: EntityTab<Host>[] = [
    { key: 'general', title: t('tab.general'), render: (host) => <GeneralTab host={host} /> },
    { key: 'vms', title: t('nav.vms'), render: (host) => <VmsTab search={`on_host=${quoted(host.name ?? '')}`} /> },
    { key: 'nics', title: t('tab.hostNics'), render: (host) => <NicsTab id={host.id ?? ''} /> },
    { key: 'statistics', title: t('tab.statistics'), render: (host) => <HostStatistics id={host.id ?? ''} /> },
    { key: 'events', title: t('tab.events'), render: (host) => <EventsTab search={`_event_host_id=${host.id ?? ''}`} /> },
  ];
  return <EntityPage<Host> kind="host" listPath={paths.hosts} listTitle={t('nav.hosts')} statusArea="host" tabs={tabs} actions={useHostActions()} />;
}

function HostStatistics({ id }: { id: string }) {
  const samples = usePart<Statistic>('host', id, 'statistics', 'statistic', { every: 5_000 });
  return <StatisticsTab query={samples} />;
}

function GeneralTab({ host }: { host: Host }) {
  const { t } = useTranslation();
  const hardware = host.hardware_information;
  return (
    <Grid hasGutter lg={6}>
      <GridItem>
        <Facts
          title={t('host.section.host')}
          facts={[
            [t('field.address'), host.port ? `${host.address ?? ''}:${host.port}` : host.address],
            [t('field.cluster'), <RefLink key="c" kind="cluster" to={host.cluster} />],
            [t('host.statusDetail'), host.status_detail],
            [t('host.vmsActive'), t('host.vmsCount', { active: host.summary?.active ?? 0, migrating: host.summary?.migrating ?? 0, total: host.summary?.total ?? 0 })],
            [t('field.memory'), formatBytes(int(host.memory))],
            [t('host.schedulable'), formatBytes(int(host.max_scheduling_memory))],
            [t('field.id'), host.id],
          ]}
        />
      </GridItem>
      <GridItem>
        <Facts
          title={t('host.section.software')}
          facts={[
            [t('field.os'), [host.os?.type, versionText(host.os?.version)].filter(Boolean).join(' ')],
            [t('host.agent'), versionText(host.version)],
            [t('host.libvirt'), versionText(host.libvirt_version)],
            [t('host.certificate'), host.certificate?.subject],
          ]}
        />
      </GridItem>
      <GridItem>
        <Facts
          title={t('host.section.hardware')}
          facts={[
            [t('host.manufacturer'), hardware?.manufacturer],
            [t('host.product'), hardware?.product_name],
            [t('host.serial'), hardware?.serial_number],
            [t('host.hardwareId'), hardware?.uuid],
            [t('host.cpuName'), host.cpu?.name],
            [t('host.cpuType'), host.cpu?.type],
            [t('host.logicalCpus'), host.cpu?.topology ? virtualCpus(host.cpu) : undefined],
          ]}
        />
      </GridItem>
    </Grid>
  );
}

function NicsTab({ id }: { id: string }) {
  const { t } = useTranslation();
  const nics = usePart<HostNic>('host', id, 'nics', 'host_nic');
  const speed = (nic: HostNic): string => {
    const bits = int(nic.speed);
    return bits ? `${Math.round(bits / 1_000_000)} Mb/s` : '–';
  };
  const columns: Column<HostNic>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (nic) => nic.name ?? '–', value: (nic) => nic.name },
    { key: 'status', title: t('field.status'), render: (nic) => <StatusLabel area="nic" status={nic.status} /> },
    { key: 'network', title: t('field.network'), render: (nic) => <RefLink kind="network" to={nic.network} /> },
    { key: 'address', title: t('field.address'), render: (nic) => [nic.ip?.address, nic.ipv6?.address].filter(Boolean).join(', ') || '–' },
    { key: 'mac', title: t('field.mac'), render: (nic) => nic.mac?.address ?? '–' },
    { key: 'mtu', title: t('field.mtu'), sort: 'mtu', render: (nic) => nic.mtu ?? '–', value: (nic) => int(nic.mtu) },
    { key: 'speed', title: t('field.speed'), render: speed },
    { key: 'vlan', title: t('field.vlan'), render: (nic) => nic.vlan?.id ?? '–' },
  ];
  return <PartTable label={t('tab.hostNics')} query={nics} columns={columns} sort="name" />;
}

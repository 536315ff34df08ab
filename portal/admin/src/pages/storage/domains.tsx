// Storage domains: list and page.
import { Button, Progress, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  attachedTo,
  bool,
  EntityPage,
  Facts,
  formatBytes,
  int,
  ListPage,
  PartTable,
  percent,
  StatusLabel,
  useDialog,
  usePart,
  useWord,
  type Column,
  type Disk,
  type EntityTab,
  type StorageDomain,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink, RefLink } from '../links';
import { EventsTab } from '../parts';
import { useDomainActions } from './actions';
import { CreateDomainDialog } from './CreateDomainDialog';
import { useDomainStatus } from './status';


function Use({ domain }: { domain: StorageDomain }) {
  const { t } = useTranslation();
  const used = int(domain.used);
  const free = int(domain.available);
  if (used === undefined || free === undefined) return <>–</>;
  return <Progress aria-label={t('storage.useOf', { name: domain.name })} size="sm" value={percent(used, used + free)} />;
}

export function DomainList() {
  const { t } = useTranslation();
  const statusOf = useDomainStatus();
  const word = useWord();
  const openDialog = useDialog();
  const columns: Column<StorageDomain>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 20, render: (domain) => <NameLink kind="storage_domain" item={domain} /> },
    { key: 'status', title: t('field.status'), sort: 'status', width: 15, render: (domain) => <StatusLabel area="storage" status={statusOf(domain)} /> },
    { key: 'content', title: t('field.content'), width: 10, render: (domain) => word('domainType', domain.type) },
    { key: 'type', title: t('field.type'), sort: 'type', width: 10, render: (domain) => word('storageType', domain.storage?.type) },
    { key: 'use', title: t('storage.use'), width: 20, render: (domain) => <Use domain={domain} /> },
    { key: 'free', title: t('field.free'), sort: 'free_size', width: 10, render: (domain) => formatBytes(int(domain.available)) },
    { key: 'dataCenter', title: t('field.dataCenter'), sort: 'datacenter', width: 15, render: (domain) => <RefLink kind="data_center" to={{ id: attachedTo(domain) }} /> },
  ];
  return (
    <ListPage<StorageDomain>
      kind="storage_domain"
      title={t('nav.domains')}
      example="status=active"
      columns={columns}
      actions={useDomainActions()}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateDomainDialog onClose={close} />)}>{t('storage.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

export function DomainPage() {
  const { t } = useTranslation();
  const statusOf = useDomainStatus();
  const tabs: EntityTab<StorageDomain>[] = [
    { key: 'general', title: t('tab.general'), render: (domain) => <General domain={domain} /> },
    { key: 'disks', title: t('tab.disks'), render: (domain) => <Disks id={domain.id ?? ''} /> },
    { key: 'events', title: t('tab.events'), render: (domain) => <EventsTab search={`_event_storage_id=${domain.id ?? ''}`} /> },
  ];
  return (
    <EntityPage<StorageDomain>
      kind="storage_domain"
      listPath={paths.domains}
      listTitle={t('nav.domains')}
      statusArea="storage"
      statusOf={statusOf}
      tabs={tabs}
      actions={useDomainActions()}
    />
  );
}

function General({ domain }: { domain: StorageDomain }) {
  const { t } = useTranslation();
  const word = useWord();
  const used = int(domain.used);
  const free = int(domain.available);
  return (
    <Facts
      facts={[
        [t('field.content'), word('domainType', domain.type)],
        [t('field.type'), word('storageType', domain.storage?.type)],
        [t('storage.place'), [domain.storage?.address, domain.storage?.path].filter(Boolean).join(':')],
        [t('field.dataCenter'), <RefLink key="d" kind="data_center" to={{ id: attachedTo(domain) }} />],
        [t('storage.use'), <Use key="u" domain={domain} />],
        [t('storage.total'), used === undefined || free === undefined ? undefined : formatBytes(used + free)],
        [t('field.free'), formatBytes(free)],
        [t('storage.committed'), formatBytes(int(domain.committed))],
        [t('storage.master'), t(bool(domain.master) ? 'yes' : 'no')],
        [t('dataCenter.format'), domain.storage_format?.toUpperCase()],
        [t('field.id'), domain.id],
      ]}
    />
  );
}

function Disks({ id }: { id: string }) {
  const { t } = useTranslation();
  const disks = usePart<Disk>('storage_domain', id, 'disks', 'disk');
  const name = (disk: Disk): string => disk.alias ?? disk.name ?? disk.id ?? '';
  const columns: Column<Disk>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (disk) => <NameLink kind="disk" item={{ id: disk.id, name: name(disk) }} />, value: name },
    { key: 'status', title: t('field.status'), render: (disk) => <StatusLabel area="disk" status={disk.status} /> },
    { key: 'size', title: t('field.size'), sort: 'size', render: (disk) => formatBytes(int(disk.provisioned_size)), value: (disk) => int(disk.provisioned_size) },
    { key: 'actual', title: t('field.actualSize'), sort: 'actual', render: (disk) => formatBytes(int(disk.actual_size)), value: (disk) => int(disk.actual_size) },
  ];
  return <PartTable label={t('tab.disks')} query={disks} columns={columns} nameOf={name} sort="name" />;
}

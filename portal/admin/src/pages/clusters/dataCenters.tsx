// Data centres: list, page and the form that creates one.
import { useState } from 'react';
import { Button, Checkbox, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  EntityPage,
  Facts,
  FormDialog,
  formatBytes,
  int,
  ListPage,
  PartTable,
  quoted,
  StatusLabel,
  TextField,
  useDialog,
  useFound,
  usePart,
  useWord,
  useWork,
  versionText,
  wireBool,
  type Cluster,
  type Column,
  type DataCenter,
  type EntityTab,
  type FieldSigns,
  type Network,
  type StorageDomain,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink } from '../links';
import { EventsTab } from '../parts';
import { useRemoveAction } from '../remove';

export function DataCenterList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const remove = useRemoveAction<DataCenter>('data_center', paths.dataCenters);
  const columns: Column<DataCenter>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 25, render: (center) => <NameLink kind="data_center" item={center} /> },
    { key: 'status', title: t('field.status'), sort: 'status', render: (center) => <StatusLabel area="dataCenter" status={center.status} /> },
    { key: 'local', title: t('dataCenter.storage'), sort: 'local', render: (center) => t(bool(center.local) ? 'dataCenter.local' : 'dataCenter.shared') },
    { key: 'version', title: t('field.compatibility'), sort: 'compatibility_version', render: (center) => versionText(center.version) ?? '–' },
    { key: 'description', title: t('field.description'), sort: 'description', render: (center) => center.description ?? '–' },
  ];
  return (
    <ListPage<DataCenter>
      kind="data_center"
      title={t('nav.dataCenters')}
      example="status=up"
      columns={columns}
      actions={[remove]}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateDataCenterDialog onClose={close} />)}>{t('dataCenter.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

export function DataCenterPage() {
  const { t } = useTranslation();
  const remove = useRemoveAction<DataCenter>('data_center', paths.dataCenters);
  const tabs: EntityTab<DataCenter>[] = [
    { key: 'general', title: t('tab.general'), render: (center) => <General center={center} /> },
    { key: 'storage', title: t('nav.domains'), render: (center) => <Domains id={center.id ?? ''} /> },
    { key: 'clusters', title: t('nav.clusters'), render: (center) => <Clusters name={center.name ?? ''} /> },
    { key: 'networks', title: t('nav.networks'), render: (center) => <Networks id={center.id ?? ''} /> },
    { key: 'events', title: t('tab.events'), render: (center) => <EventsTab search={`_event_datacenter_id=${center.id ?? ''}`} /> },
  ];
  return <EntityPage<DataCenter> kind="data_center" listPath={paths.dataCenters} listTitle={t('nav.dataCenters')} statusArea="dataCenter" tabs={tabs} actions={[remove]} />;
}

function General({ center }: { center: DataCenter }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <Facts
      facts={[
        [t('dataCenter.storage'), t(bool(center.local) ? 'dataCenter.local' : 'dataCenter.shared')],
        [t('dataCenter.format'), center.storage_format?.toUpperCase()],
        [t('field.compatibility'), versionText(center.version)],
        [t('dataCenter.quota'), word('quota', center.quota_mode)],
        [t('field.id'), center.id],
      ]}
    />
  );
}

function Domains({ id }: { id: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const domains = usePart<StorageDomain>('data_center', id, 'storagedomains', 'storage_domain');
  const columns: Column<StorageDomain>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (domain) => <NameLink kind="storage_domain" item={domain} />, value: (domain) => domain.name },
    { key: 'status', title: t('field.status'), render: (domain) => <StatusLabel area="storage" status={domain.status} /> },
    { key: 'type', title: t('field.type'), render: (domain) => word('storageType', domain.storage?.type) },
    { key: 'free', title: t('field.free'), sort: 'free', render: (domain) => formatBytes(int(domain.available)), value: (domain) => int(domain.available) },
  ];
  return <PartTable label={t('nav.domains')} query={domains} columns={columns} sort="name" />;
}

function Clusters({ name }: { name: string }) {
  const { t } = useTranslation();
  const clusters = useFound<Cluster>('cluster', `datacenter.name=${quoted(name)}`);
  const columns: Column<Cluster>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (cluster) => <NameLink kind="cluster" item={cluster} />, value: (cluster) => cluster.name },
    { key: 'cpu', title: t('field.cpuType'), render: (cluster) => cluster.cpu?.type ?? '–' },
    { key: 'version', title: t('field.compatibility'), render: (cluster) => versionText(cluster.version) ?? '–' },
  ];
  return <PartTable label={t('nav.clusters')} query={clusters} columns={columns} sort="name" />;
}

function Networks({ id }: { id: string }) {
  const { t } = useTranslation();
  const networks = usePart<Network>('data_center', id, 'networks', 'network');
  const columns: Column<Network>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (network) => <NameLink kind="network" item={network} />, value: (network) => network.name },
    { key: 'vlan', title: t('field.vlan'), render: (network) => network.vlan?.id ?? '–' },
    { key: 'mtu', title: t('field.mtu'), render: (network) => (int(network.mtu) ? network.mtu : t('network.defaultMtu')) },
    { key: 'usages', title: t('network.usages'), render: (network) => network.usages?.usage?.join(', ') ?? '–' },
  ];
  return <PartTable label={t('nav.networks')} query={networks} columns={columns} sort="name" />;
}

const SIGNS: Record<'name', FieldSigns> = { name: { paths: ['data_center.name', 'name'], words: /\bname\b/i } };

function CreateDataCenterDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [local, setLocal] = useState(false);
  const submit = async (): Promise<void> => {
    const body: DataCenter = { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}), local: wireBool(local) };
    await work({ subject: 'data_center', title: t('dataCenter.create'), perform: (client, options) => client.post<DataCenter>('datacenters', body, options) });
  };
  return (
    <FormDialog title={t('dataCenter.create')} submitLabel={t('create')} signs={SIGNS} check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
          <Checkbox id="local" label={t('dataCenter.localHint')} isChecked={local} onChange={(_event, checked) => setLocal(checked)} />
        </>
      )}
    </FormDialog>
  );
}

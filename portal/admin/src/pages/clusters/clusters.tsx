// Clusters: list, page and the form that creates one.
import { useState } from 'react';
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  ChoiceField,
  choicesOf,
  EntityPage,
  Facts,
  FormDialog,
  int,
  ListPage,
  PartTable,
  quoted,
  StatusLabel,
  TextField,
  useAll,
  useDialog,
  usePart,
  useWord,
  useWork,
  versionText,
  type Cluster,
  type Column,
  type DataCenter,
  type EntityTab,
  type FieldSigns,
  type Network,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink, RefLink } from '../links';
import { HostsTab, VmsTab } from '../parts';
import { useRemoveAction } from '../remove';

export function ClusterList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const remove = useRemoveAction<Cluster>('cluster', paths.clusters);
  const columns: Column<Cluster>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 25, render: (cluster) => <NameLink kind="cluster" item={cluster} /> },
    { key: 'dataCenter', title: t('field.dataCenter'), render: (cluster) => <RefLink kind="data_center" to={cluster.data_center} /> },
    { key: 'cpu', title: t('field.cpuType'), sort: 'cpu_type', render: (cluster) => cluster.cpu?.type ?? '–' },
    { key: 'version', title: t('field.compatibility'), sort: 'compatibility_level', render: (cluster) => versionText(cluster.version) ?? '–' },
    { key: 'description', title: t('field.description'), sort: 'description', render: (cluster) => cluster.description ?? '–' },
  ];
  return (
    <ListPage<Cluster>
      kind="cluster"
      title={t('nav.clusters')}
      example="name=Default"
      columns={columns}
      actions={[remove]}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateClusterDialog onClose={close} />)}>{t('cluster.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

export function ClusterPage() {
  const { t } = useTranslation();
  const remove = useRemoveAction<Cluster>('cluster', paths.clusters);
  const tabs: EntityTab<Cluster>[] = [
    { key: 'general', title: t('tab.general'), render: (cluster) => <General cluster={cluster} /> },
    { key: 'hosts', title: t('nav.hosts'), render: (cluster) => <HostsTab search={`cluster=${quoted(cluster.name ?? '')}`} /> },
    { key: 'vms', title: t('nav.vms'), render: (cluster) => <VmsTab search={`cluster=${quoted(cluster.name ?? '')}`} /> },
    { key: 'networks', title: t('nav.networks'), render: (cluster) => <Networks id={cluster.id ?? ''} /> },
  ];
  return <EntityPage<Cluster> kind="cluster" listPath={paths.clusters} listTitle={t('nav.clusters')} tabs={tabs} actions={[remove]} />;
}

function General({ cluster }: { cluster: Cluster }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <Facts
      facts={[
        [t('field.dataCenter'), <RefLink key="d" kind="data_center" to={cluster.data_center} />],
        [t('field.compatibility'), versionText(cluster.version)],
        [t('field.cpuType'), cluster.cpu?.type],
        [t('field.architecture'), cluster.cpu?.architecture],
        [t('field.bios'), word('bios', cluster.bios_type)],
        [t('cluster.overcommit'), cluster.memory_policy?.over_commit?.percent ? `${cluster.memory_policy.over_commit.percent} %` : undefined],
        [t('cluster.ballooning'), t(bool(cluster.ballooning_enabled) ? 'yes' : 'no')],
        [t('cluster.switch'), word('switch', cluster.switch_type)],
        [t('field.id'), cluster.id],
      ]}
    />
  );
}

function Networks({ id }: { id: string }) {
  const { t } = useTranslation();
  const networks = usePart<Network>('cluster', id, 'networks', 'network');
  const columns: Column<Network>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (network) => <NameLink kind="network" item={network} />, value: (network) => network.name },
    { key: 'status', title: t('field.status'), render: (network) => <StatusLabel area="network" status={network.status} /> },
    { key: 'required', title: t('network.required'), render: (network) => t(bool(network.required) ? 'yes' : 'no') },
    { key: 'vlan', title: t('field.vlan'), sort: 'vlan', render: (network) => network.vlan?.id ?? '–', value: (network) => int(network.vlan?.id) },
    { key: 'usages', title: t('network.usages'), render: (network) => network.usages?.usage?.join(', ') ?? '–' },
  ];
  return <PartTable label={t('nav.networks')} query={networks} columns={columns} sort="name" />;
}

type Field = 'name' | 'dataCenter' | 'cpu';
const SIGNS: Record<Field, FieldSigns> = {
  dataCenter: { paths: ['cluster.data_center'], words: /data cent/i },
  cpu: { paths: ['cluster.cpu'], words: /\bCPU\b|architecture/i },
  name: { paths: ['cluster.name', 'name'], words: /\bname\b/i },
};

function CreateClusterDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const centers = useAll<DataCenter>('data_center');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [chosen, setChosen] = useState('');
  const [cpu, setCpu] = useState('');
  const centerId = chosen || centers.data?.[0]?.id || '';
  const submit = async (): Promise<void> => {
    const body: Cluster = {
      name: name.trim(),
      ...(description.trim() ? { description: description.trim() } : {}),
      data_center: { id: centerId },
      cpu: { architecture: 'x86_64', ...(cpu.trim() ? { type: cpu.trim() } : {}) },
    };
    await work({ subject: 'cluster', title: t('cluster.create'), perform: (client, options) => client.post<Cluster>('clusters', body, options) });
  };
  return (
    <FormDialog<Field> title={t('cluster.create')} submitLabel={t('create')} signs={SIGNS} check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
          <ChoiceField id="data-center" label={t('field.dataCenter')} value={centerId} choices={choicesOf(centers.data)} onChange={setChosen} required error={errorOf('dataCenter')} />
          <TextField id="cpu" label={t('field.cpuType')} value={cpu} onChange={setCpu} hint={t('cluster.cpuHint')} error={errorOf('cpu')} />
        </>
      )}
    </FormDialog>
  );
}

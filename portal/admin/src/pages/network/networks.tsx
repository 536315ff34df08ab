// Logical networks: list, page and the form that creates one.
import { useState } from 'react';
import { Button, Checkbox, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  choicesOf,
  EntityPage,
  Facts,
  FormDialog,
  int,
  isVmNetwork,
  ListPage,
  PartTable,
  TextField,
  useAll,
  useDialog,
  usePart,
  useWork,
  type Column,
  type DataCenter,
  type EntityTab,
  type FieldSigns,
  type Network,
  type VnicProfile,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink, RefLink } from '../links';
import { useRemoveAction } from '../remove';

export function NetworkList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const remove = useRemoveAction<Network>('network', paths.networks);
  const columns: Column<Network>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 20, render: (network) => <NameLink kind="network" item={network} /> },
    { key: 'dataCenter', title: t('field.dataCenter'), sort: 'datacenter', render: (network) => <RefLink kind="data_center" to={network.data_center} /> },
    { key: 'vlan', title: t('field.vlan'), sort: 'vlanid', render: (network) => network.vlan?.id ?? '–' },
    { key: 'mtu', title: t('field.mtu'), sort: 'mtu', long: 'nowrap', render: (network) => (int(network.mtu) ? network.mtu : t('network.defaultMtu')) },
    { key: 'vm', title: t('network.forVms'), sort: 'vmnetwork', render: (network) => t(isVmNetwork(network.usages?.usage) ? 'yes' : 'no') },
    { key: 'description', title: t('field.description'), sort: 'description', width: 25, render: (network) => network.description ?? '–' },
  ];
  return (
    <ListPage<Network>
      kind="network"
      title={t('nav.networks')}
      example="name=ovirtmgmt"
      columns={columns}
      actions={[remove]}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateNetworkDialog onClose={close} />)}>{t('network.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

export function NetworkPage() {
  const { t } = useTranslation();
  const remove = useRemoveAction<Network>('network', paths.networks);
  const tabs: EntityTab<Network>[] = [
    { key: 'general', title: t('tab.general'), render: (network) => <General network={network} /> },
    { key: 'profiles', title: t('nav.vnicProfiles'), render: (network) => <Profiles id={network.id ?? ''} /> },
  ];
  return <EntityPage<Network> kind="network" listPath={paths.networks} listTitle={t('nav.networks')} tabs={tabs} actions={[remove]} />;
}

function General({ network }: { network: Network }) {
  const { t } = useTranslation();
  return (
    <Facts
      facts={[
        [t('field.dataCenter'), <RefLink key="d" kind="data_center" to={network.data_center} />],
        [t('field.vlan'), network.vlan?.id],
        [t('field.mtu'), int(network.mtu) ? network.mtu : t('network.defaultMtu')],
        [t('network.usages'), network.usages?.usage?.join(', ')],
        [t('field.id'), network.id],
      ]}
    />
  );
}

function Profiles({ id }: { id: string }) {
  const { t } = useTranslation();
  const profiles = usePart<VnicProfile>('network', id, 'vnicprofiles', 'vnic_profile');
  const columns: Column<VnicProfile>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (profile) => profile.name ?? '–', value: (profile) => profile.name },
    { key: 'description', title: t('field.description'), render: (profile) => profile.description ?? '–' },
  ];
  return <PartTable label={t('nav.vnicProfiles')} query={profiles} columns={columns} sort="name" />;
}

type Field = 'name' | 'vlan' | 'mtu' | 'dataCenter';
const SIGNS: Record<Field, FieldSigns> = {
  vlan: { paths: ['network.vlan'], words: /\bVLAN\b/i },
  mtu: { paths: ['network.mtu'], words: /\bMTU\b/i },
  dataCenter: { paths: ['network.data_center'], words: /data cent/i },
  name: { paths: ['network.name', 'name'], words: /\bname\b/i },
};

function CreateNetworkDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const centers = useAll<DataCenter>('data_center');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [vlan, setVlan] = useState('');
  const [mtu, setMtu] = useState('');
  const [forVms, setForVms] = useState(true);
  const [chosen, setChosen] = useState('');
  const centerId = chosen || centers.data?.[0]?.id || '';
  const whole = (value: string): string | undefined => (value.trim() !== '' && int(value) === undefined ? t('network.notANumber') : undefined);
  const submit = async (): Promise<void> => {
    const body: Network = {
      name: name.trim(),
      ...(description.trim() ? { description: description.trim() } : {}),
      data_center: { id: centerId },
      ...(vlan.trim() ? { vlan: { id: vlan.trim() } } : {}),
      ...(mtu.trim() ? { mtu: mtu.trim() } : {}),
      usages: { usage: forVms ? ['vm'] : [] },
    };
    await work({ subject: 'network', title: t('network.create'), perform: (client, options) => client.post<Network>('networks', body, options) });
  };
  const check = () => ({ name: name.trim() === '' ? t('form.required') : undefined, vlan: whole(vlan), mtu: whole(mtu) });
  return (
    <FormDialog<Field> title={t('network.create')} submitLabel={t('create')} signs={SIGNS} check={check} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
          <ChoiceField id="data-center" label={t('field.dataCenter')} value={centerId} choices={choicesOf(centers.data)} onChange={setChosen} required error={errorOf('dataCenter')} />
          <TextField id="vlan" label={t('field.vlan')} value={vlan} onChange={setVlan} error={errorOf('vlan')} />
          <TextField id="mtu" label={t('field.mtu')} value={mtu} onChange={setMtu} placeholder="1500" error={errorOf('mtu')} />
          <Checkbox id="for-vms" label={t('network.forVms')} isChecked={forVms} onChange={(_event, checked) => setForVms(checked)} />
        </>
      )}
    </FormDialog>
  );
}

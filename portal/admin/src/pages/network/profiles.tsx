// vNIC profiles: list and the form that creates one.
import { useState } from 'react';
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  ChoiceField,
  choicesOf,
  FormDialog,
  ListPage,
  TextField,
  useAll,
  useDialog,
  useNames,
  useWork,
  type Column,
  type FieldSigns,
  type Network,
  type VnicProfile,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { RefLink } from '../links';
import { useRemoveAction } from '../remove';

export function VnicProfileList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const networkName = useNames('network');
  const remove = useRemoveAction<VnicProfile>('vnic_profile', paths.vnicProfiles);
  const columns: Column<VnicProfile>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 25, render: (profile) => profile.name ?? '–', value: (profile) => profile.name },
    { key: 'network', title: t('field.network'), sort: 'network', render: (profile) => <RefLink kind="network" to={profile.network} />, value: (profile) => networkName(profile.network?.id) },
    { key: 'mirroring', title: t('vnic.mirroring'), render: (profile) => t(bool(profile.port_mirroring) ? 'yes' : 'no') },
    { key: 'description', title: t('field.description'), sort: 'description', render: (profile) => profile.description ?? '–', value: (profile) => profile.description },
  ];
  return (
    <ListPage<VnicProfile>
      kind="vnic_profile"
      title={t('nav.vnicProfiles')}
      example="ovirtmgmt"
      columns={columns}
      actions={[remove]}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateProfileDialog onClose={close} />)}>{t('vnic.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

type Field = 'name' | 'network';
const SIGNS: Record<Field, FieldSigns> = {
  network: { paths: ['vnic_profile.network'], words: /\bnetwork\b/i },
  name: { paths: ['vnic_profile.name', 'name'], words: /\bname\b/i },
};

function CreateProfileDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const networks = useAll<Network>('network');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [chosen, setChosen] = useState('');
  const networkId = chosen || networks.data?.[0]?.id || '';
  const submit = async (): Promise<void> => {
    const body: VnicProfile = { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}), network: { id: networkId } };
    await work({ subject: 'vnic_profile', title: t('vnic.create'), perform: (client, options) => client.post<VnicProfile>('vnicprofiles', body, options) });
  };
  return (
    <FormDialog<Field> title={t('vnic.create')} submitLabel={t('create')} signs={SIGNS} check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <ChoiceField id="network" label={t('field.network')} value={networkId} choices={choicesOf(networks.data)} onChange={setChosen} required error={errorOf('network')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
        </>
      )}
    </FormDialog>
  );
}

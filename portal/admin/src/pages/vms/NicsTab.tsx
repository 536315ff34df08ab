// The network interfaces of a virtual machine: add, plug, unplug, remove.
import { useState } from 'react';
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  ChoiceField,
  ConfirmDialog,
  FormDialog,
  PartTable,
  TextField,
  useDialog,
  useNames,
  usePart,
  useRun,
  useWord,
  useWork,
  type Column,
  type EntityAction,
  type FieldSigns,
  type Nic,
  type NicInterface,
  type Vm,
} from '@ferrovirt/portal-shared';
import { useProfileChoices } from './CreateVmParts';
import { NIC_INTERFACES } from './newVm';

function addressesOf(nic: Nic): string {
  return (nic.reported_devices?.reported_device ?? []).flatMap((device) => (device.ips?.ip ?? []).map((ip) => ip.address ?? '')).join(', ') || '–';
}

function useColumns(): Column<Nic>[] {
  const { t } = useTranslation();
  const word = useWord();
  const profileName = useNames('vnic_profile');
  return [
    { key: 'name', title: t('field.name'), sort: 'name', render: (nic) => nic.name ?? '–', value: (nic) => nic.name },
    { key: 'profile', title: t('field.vnicProfile'), render: (nic) => profileName(nic.vnic_profile?.id) ?? nic.vnic_profile?.name ?? '–' },
    { key: 'type', title: t('field.interface'), render: (nic) => word('nicInterface', nic.interface) },
    { key: 'mac', title: t('field.mac'), sort: 'mac', render: (nic) => nic.mac?.address ?? '–', value: (nic) => nic.mac?.address },
    { key: 'addresses', title: t('field.addresses'), long: 'wrap', width: 25, render: addressesOf },
    { key: 'plugged', title: t('field.plugged'), render: (nic) => t(bool(nic.plugged) ? 'yes' : 'no') },
    { key: 'linked', title: t('field.linked'), render: (nic) => t(bool(nic.linked) ? 'yes' : 'no') },
  ];
}

function useActions(vm: Vm): EntityAction<Nic>[] {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const subject = `vm/${vm.id ?? ''}`;
  const path = (nic: Nic): string => `vms/${vm.id ?? ''}/nics/${nic.id ?? ''}`;
  const plug = (nics: Nic[], action: 'activate' | 'deactivate'): void => {
    for (const nic of nics) void run({ subject, title: nic.name ?? '', perform: (client, options) => client.action(`${path(nic)}/${action}`, {}, options) });
  };
  const remove = (nics: Nic[]): void =>
    openDialog((close) => (
      <ConfirmDialog
        title={t('nic.removeTitle', { name: nics.map((nic) => nic.name).join(', ') })}
        text={t('nic.removeText')}
        confirmLabel={t('remove')}
        danger
        onClose={close}
        onConfirm={() => {
          for (const nic of nics) void run({ subject, title: t('nic.removeTitle', { name: nic.name }), perform: (client, options) => client.delete(path(nic), options) });
        }}
      />
    ));
  return [
    { key: 'plug', label: t('nic.plug'), refusal: (nic) => (bool(nic.plugged) ? t('nic.isPlugged') : undefined), run: (nics) => plug(nics, 'activate') },
    { key: 'unplug', label: t('nic.unplug'), refusal: (nic) => (bool(nic.plugged) ? undefined : t('nic.isUnplugged')), run: (nics) => plug(nics, 'deactivate') },
    { key: 'remove', label: t('remove'), refusal: (nic) => (vm.status !== 'down' && bool(nic.plugged) ? t('nic.unplugFirst') : undefined), run: remove, danger: true },
  ];
}

export function NicsTab({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const nics = usePart<Nic>('vm', vm.id ?? '', 'nics', 'nic', { follow: 'reported_devices' });
  return (
    <PartTable
      label={t('tab.nics')}
      query={nics}
      columns={useColumns()}
      actions={useActions(vm)}
      sort="name"
      toolbar={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <AddNicDialog vm={vm} count={nics.data?.length ?? 0} onClose={close} />)}>{t('nic.add')}</Button>
        </ToolbarItem>
      }
    />
  );
}

type Field = 'name' | 'profile' | 'mac';
const SIGNS: Record<Field, FieldSigns> = {
  mac: { paths: ['nic.mac', 'mac.address'], words: /\bMAC\b/ },
  profile: { paths: ['nic.vnic_profile'], words: /profile|network\b/i },
  name: { paths: ['nic.name'], words: /\bname\b/i },
};

function AddNicDialog({ vm, count, onClose }: { vm: Vm; count: number; onClose(): void }) {
  const { t } = useTranslation();
  const word = useWord();
  const work = useWork();
  const choices = useProfileChoices(vm.cluster?.id);
  const [name, setName] = useState(`nic${count + 1}`);
  const [profileId, setProfileId] = useState<string>();
  const [type, setType] = useState<NicInterface>('virtio');
  const [mac, setMac] = useState('');
  const chosen = profileId ?? choices[0]?.value ?? '';
  const submit = async (): Promise<void> => {
    const body: Nic = {
      name,
      interface: type,
      ...(chosen ? { vnic_profile: { id: chosen } } : {}),
      ...(mac.trim() ? { mac: { address: mac.trim() } } : {}),
    };
    await work({ subject: `vm/${vm.id ?? ''}`, title: t('nic.add'), perform: (client, options) => client.post<Nic>(`vms/${vm.id ?? ''}/nics`, body, options) });
  };
  return (
    <FormDialog<Field> title={t('nic.add')} submitLabel={t('nic.addShort')} signs={SIGNS} check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <ChoiceField id="profile" label={t('field.vnicProfile')} value={chosen} choices={choices} empty={t('vm.form.noProfile')} onChange={setProfileId} error={errorOf('profile')} />
          <ChoiceField<NicInterface> id="interface" label={t('field.interface')} value={type} choices={NIC_INTERFACES.map((value) => ({ value, label: word('nicInterface', value) }))} onChange={setType} />
          <TextField id="mac" label={t('field.mac')} value={mac} onChange={setMac} placeholder={t('nic.macPlaceholder')} error={errorOf('mac')} />
        </>
      )}
    </FormDialog>
  );
}

// Creates a storage domain on a folder of one host, a POSIX path or an NFS export, and attaches it to a data centre.
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  choicesOf,
  FormDialog,
  TextField,
  useAll,
  useWord,
  useWork,
  type DataCenter,
  type FieldSigns,
  type Host,
  type HostStorage,
  type StorageDomain,
} from '@ferrovirt/portal-shared';

export interface NewDomain {
  name: string;
  description: string;
  type: 'nfs' | 'posixfs' | 'localfs';
  hostId: string;
  dataCenterId: string;
  address: string;
  path: string;
  vfsType: string;
  mountOptions: string;
}

/** The body of POST /storagedomains. */
export function domainBody(form: NewDomain): StorageDomain & { host: { id: string } } {
  const options = form.mountOptions.trim() ? { mount_options: form.mountOptions.trim() } : {};
  const storage: HostStorage =
    form.type === 'nfs'
      ? { type: 'nfs', address: form.address.trim(), path: form.path.trim(), ...options }
      : form.type === 'posixfs'
        ? { type: 'posixfs', path: form.path.trim(), vfs_type: form.vfsType.trim(), ...options }
        : { type: 'localfs', path: form.path.trim() };
  return {
    name: form.name.trim(),
    ...(form.description.trim() ? { description: form.description.trim() } : {}),
    type: 'data',
    host: { id: form.hostId },
    storage,
  };
}

type Field = 'name' | 'host' | 'address' | 'path' | 'vfsType' | 'mountOptions' | 'dataCenter';
const SIGNS: Record<Field, FieldSigns> = {
  vfsType: { paths: ['storage.vfs_type'], words: /vfs|file system type/i },
  mountOptions: { paths: ['storage.mount_options'], words: /mount option/i },
  address: { paths: ['storage.address'], words: /\baddress\b|\bserver\b/i },
  path: { paths: ['storage.path'], words: /\bpath\b|mount|directory|folder|export/i },
  host: { paths: ['storage_domain.host'], words: /\bhost\b/i },
  dataCenter: { words: /data cent/i },
  name: { paths: ['storage_domain.name', 'name'], words: /\bname\b/i },
};

function useCreation(form: NewDomain): () => Promise<void> {
  const { t } = useTranslation();
  const work = useWork();
  const created = useRef<string | undefined>(undefined);
  return async () => {
    // A domain that was made but not attached stays known: sending the form again only attaches it.
    created.current ??= (
      await work<StorageDomain>({
        subject: (domain) => `storage_domain/${domain.id ?? ''}`,
        title: t('storage.create'),
        perform: (client, options) => client.post<StorageDomain>('storagedomains', domainBody(form), options),
      })
    ).id;
    if (!form.dataCenterId) return;
    const id = created.current ?? '';
    await work({
      subject: `storage_domain/${id}`,
      title: t('storage.action.attach'),
      perform: (client, options) => client.post<StorageDomain>(`datacenters/${form.dataCenterId}/storagedomains`, { id }, options),
    });
  };
}

export function CreateDomainDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const hosts = useAll<Host>('host').data?.filter((host) => host.status === 'up');
  const centers = useAll<DataCenter>('data_center').data;
  const [form, setForm] = useState<NewDomain>({ name: '', description: '', type: 'nfs', hostId: '', dataCenterId: '', address: '', path: '', vfsType: 'nfs', mountOptions: '' });
  const [attach, setAttach] = useState<string>();
  const set = (part: Partial<NewDomain>): void => setForm((before) => ({ ...before, ...part }));
  const complete = { ...form, hostId: form.hostId || hosts?.[0]?.id || '', dataCenterId: attach ?? centers?.[0]?.id ?? '' };
  const submit = useCreation(complete);
  const required = (value: string, when = true): string | undefined => (when && value.trim() === '' ? t('form.required') : undefined);
  const check = () => ({
    name: required(form.name),
    host: required(complete.hostId),
    address: required(form.address, form.type === 'nfs'),
    path: required(form.path),
    vfsType: required(form.vfsType, form.type === 'posixfs'),
  });
  return (
    <FormDialog<Field> title={t('storage.create')} submitLabel={t('create')} signs={SIGNS} check={check} submit={submit} onClose={onClose}>
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={form.name} onChange={(name) => set({ name })} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={form.description} onChange={(description) => set({ description })} />
          <PlaceFields form={complete} set={set} errorOf={errorOf} hosts={hosts} />
          <ChoiceField id="data-center" label={t('storage.attachTo')} value={complete.dataCenterId} choices={choicesOf(centers)} empty={t('storage.attachLater')} onChange={setAttach} error={errorOf('dataCenter')} />
        </>
      )}
    </FormDialog>
  );
}

interface PlaceProps {
  form: NewDomain;
  set(part: Partial<NewDomain>): void;
  errorOf(field: Field): string | undefined;
  hosts: Host[] | undefined;
}

function PlaceFields({ form, set, errorOf, hosts }: PlaceProps) {
  const { t } = useTranslation();
  const word = useWord();
  const types = (['nfs', 'posixfs', 'localfs'] as const).map((value) => ({ value, label: word('storageType', value) }));
  return (
    <>
      <ChoiceField id="type" label={t('field.type')} value={form.type} choices={types} onChange={(type) => set({ type })} required />
      <ChoiceField id="host" label={t('storage.host')} value={form.hostId} choices={choicesOf(hosts)} onChange={(hostId) => set({ hostId })} required hint={t('storage.hostHint')} error={errorOf('host')} />
      {form.type === 'nfs' && <TextField id="address" label={t('storage.server')} value={form.address} onChange={(address) => set({ address })} required error={errorOf('address')} />}
      <TextField id="path" label={t(form.type === 'nfs' ? 'storage.export' : 'storage.path')} value={form.path} onChange={(path) => set({ path })} required error={errorOf('path')} />
      {form.type === 'posixfs' && <TextField id="vfs" label={t('storage.vfsType')} value={form.vfsType} onChange={(vfsType) => set({ vfsType })} required error={errorOf('vfsType')} />}
      {form.type !== 'localfs' && <TextField id="options" label={t('storage.mountOptions')} value={form.mountOptions} onChange={(mountOptions) => set({ mountOptions })} error={errorOf('mountOptions')} />}
    </>
  );
}

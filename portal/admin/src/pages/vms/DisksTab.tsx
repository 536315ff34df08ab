// The disks of a virtual machine: attach, create, detach, activate.
import { useState } from 'react';
import { Button, Checkbox, Radio, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  ChoiceField,
  ConfirmDialog,
  FormDialog,
  formatBytes,
  int,
  NumberField,
  PartTable,
  StatusLabel,
  TextField,
  useDialog,
  usePart,
  useRun,
  useWord,
  useWork,
  wireBool,
  type Column,
  type DiskAttachment,
  type EntityAction,
  type FieldSigns,
  type Vm,
} from '@ferrovirt/portal-shared';
import { EditDiskDialog } from '../disks/EditDiskDialog';
import { NameLink } from '../links';
import { useDiskDomains, useFreeDisks } from './CreateVmParts';
import { attachmentBody, DISK_INTERFACES, type NewDisk } from './newVm';

function useColumns(): Column<DiskAttachment>[] {
  const { t } = useTranslation();
  const word = useWord();
  const yesNo = (value: string | undefined): string => t(bool(value) ? 'yes' : 'no');
  return [
    { key: 'name', title: t('field.name'), sort: 'name', width: 25, render: (entry) => <NameLink kind="disk" item={{ id: entry.disk?.id ?? entry.id, name: entry.disk?.alias ?? entry.disk?.name }} />, value: (entry) => entry.disk?.alias ?? entry.disk?.name },
    { key: 'status', title: t('field.status'), render: (entry) => <StatusLabel area="disk" status={entry.disk?.status} /> },
    { key: 'size', title: t('field.size'), sort: 'size', render: (entry) => formatBytes(int(entry.disk?.provisioned_size)), value: (entry) => int(entry.disk?.provisioned_size) },
    { key: 'actual', title: t('field.actualSize'), render: (entry) => formatBytes(int(entry.disk?.actual_size)) },
    { key: 'interface', title: t('field.interface'), long: 'nowrap', render: (entry) => word('diskInterface', entry.interface) },
    { key: 'device', title: t('field.device'), render: (entry) => entry.logical_name ?? '–' },
    { key: 'boot', title: t('field.bootable'), render: (entry) => yesNo(entry.bootable) },
    { key: 'active', title: t('field.active'), render: (entry) => yesNo(entry.active) },
  ];
}

function useActions(vm: Vm): EntityAction<DiskAttachment>[] {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const subject = `vm/${vm.id ?? ''}`;
  const path = (entry: DiskAttachment): string => `vms/${vm.id ?? ''}/diskattachments/${entry.id ?? ''}`;
  const nameOf = (entry: DiskAttachment): string => entry.disk?.alias ?? entry.disk?.name ?? entry.id ?? '';
  const locked = (entry: DiskAttachment): string | undefined => (entry.disk?.status === 'locked' ? t('why.disk.locked') : undefined);
  const setActive = (active: boolean, entries: DiskAttachment[]): void => {
    for (const entry of entries) {
      void run({ subject, title: nameOf(entry), perform: (client, options) => client.put<DiskAttachment>(path(entry), { active: wireBool(active) }, options) });
    }
  };
  const detach = (entries: DiskAttachment[]): void =>
    openDialog((close) => (
      <ConfirmDialog
        title={t('disk.detachTitle', { name: entries.map(nameOf).join(', ') })}
        text={t('disk.detachText')}
        confirmLabel={t('disk.detach')}
        onClose={close}
        onConfirm={() => {
          for (const entry of entries) void run({ subject, title: t('disk.detach'), perform: (client, options) => client.delete(path(entry), options) });
        }}
      />
    ));
  const edit = ([entry]: DiskAttachment[]): void => {
    const disk = entry?.disk;
    if (disk) openDialog((close) => <EditDiskDialog disk={{ ...disk, id: disk.id ?? entry.id ?? '' }} subject={subject} onClose={close} />);
  };
  return [
    { key: 'edit', label: t('edit'), refusal: locked, run: edit },
    { key: 'activate', label: t('disk.activate'), refusal: (entry) => locked(entry) ?? (bool(entry.active) ? t('disk.isActive') : undefined), run: (entries) => setActive(true, entries) },
    { key: 'deactivate', label: t('disk.deactivate'), refusal: (entry) => locked(entry) ?? (bool(entry.active) ? undefined : t('disk.isInactive')), run: (entries) => setActive(false, entries) },
    { key: 'detach', label: t('disk.detach'), refusal: locked, run: detach, danger: true },
  ];
}

export function DisksTab({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const attachments = usePart<DiskAttachment>('vm', vm.id ?? '', 'diskattachments', 'disk_attachment', { follow: 'disk' });
  return (
    <PartTable
      label={t('tab.disks')}
      query={attachments}
      columns={useColumns()}
      actions={useActions(vm)}
      nameOf={(entry) => entry.disk?.alias ?? entry.disk?.name ?? entry.id ?? ''}
      toolbar={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <AddDiskDialog vm={vm} isFirst={(attachments.data ?? []).length === 0} onClose={close} />)}>
            {t('disk.add')}
          </Button>
        </ToolbarItem>
      }
    />
  );
}

type Field = 'disk' | 'domain' | 'size' | 'name';
const SIGNS: Record<Field, FieldSigns> = {
  size: { paths: ['disk.provisioned_size', 'provisioned_size'], words: /\bsize\b/i },
  domain: { paths: ['disk.storage_domains', 'storage_domain'], words: /storage domain|\bspace\b/i },
  name: { paths: ['disk.name', 'disk.alias'], words: /\bname\b|alias/i },
  disk: { paths: ['disk_attachment.disk', 'disk.id'], words: /attached|shareable/i },
};

export function AddDiskDialog({ vm, isFirst, onClose }: { vm: Vm; isFirst: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const word = useWord();
  const work = useWork();
  const domains = useDiskDomains();
  const free = useFreeDisks();
  const [disk, setDisk] = useState<NewDisk>({ key: 1, source: 'new', name: '', sizeGib: 10, storageDomainId: '', thin: true, diskId: '', interface: 'virtio_scsi' });
  const [bootable, setBootable] = useState(isFirst);
  const set = (part: Partial<NewDisk>): void => setDisk((before) => ({ ...before, ...part }));
  const domainId = disk.storageDomainId || domains[0]?.id || '';
  const submit = async (): Promise<void> => {
    const number = Math.floor(Date.now() / 1000) % 10_000;
    const body = attachmentBody({ ...disk, storageDomainId: domainId, name: disk.name || `${vm.name ?? 'vm'}_disk_${number}` }, 0, vm.name ?? '', bootable);
    await work({ subject: `vm/${vm.id ?? ''}`, title: t('disk.add'), perform: (client, options) => client.post<DiskAttachment>(`vms/${vm.id ?? ''}/diskattachments`, body, options) });
  };
  const check = () => ({
    disk: disk.source === 'existing' && !disk.diskId ? t('form.required') : undefined,
    domain: disk.source === 'new' && !domainId ? t('form.required') : undefined,
  });
  return (
    <FormDialog<Field> title={t('disk.add')} submitLabel={t('disk.addShort')} signs={SIGNS} check={check} submit={submit} onClose={onClose}>
      {({ errorOf }) => (
        <>
          <Radio id="source-new" name="source" label={t('disk.sourceNew')} isChecked={disk.source === 'new'} onChange={() => set({ source: 'new' })} />
          <Radio id="source-existing" name="source" label={t('disk.sourceExisting')} isChecked={disk.source === 'existing'} onChange={() => set({ source: 'existing' })} />
          {disk.source === 'new' ? (
            <>
              <TextField id="name" label={t('field.name')} value={disk.name} onChange={(name) => set({ name })} placeholder={t('disk.namePlaceholder')} error={errorOf('name')} />
              <NumberField id="size" label={t('field.size')} value={disk.sizeGib} min={1} unit="GiB" onChange={(sizeGib) => set({ sizeGib })} error={errorOf('size')} />
              <ChoiceField id="domain" label={t('field.storageDomain')} value={domainId} choices={domains.map((domain) => ({ value: domain.id ?? '', label: t('disk.domainFree', { name: domain.name, free: formatBytes(int(domain.available)) }) }))} onChange={(storageDomainId) => set({ storageDomainId })} required error={errorOf('domain')} />
              <Checkbox id="thin" label={t('disk.thin')} isChecked={disk.thin} onChange={(_event, thin) => set({ thin })} />
            </>
          ) : (
            <ChoiceField id="existing" label={t('field.disk')} value={disk.diskId} choices={free.map((entry) => ({ value: entry.id ?? '', label: `${entry.alias ?? entry.name ?? ''} (${formatBytes(int(entry.provisioned_size))})` }))} onChange={(diskId) => set({ diskId })} required error={errorOf('disk')} hint={free.length === 0 ? t('vm.form.noFreeDisk') : undefined} />
          )}
          <ChoiceField id="interface" label={t('field.interface')} value={disk.interface} choices={DISK_INTERFACES.map((name) => ({ value: name, label: word('diskInterface', name) }))} onChange={(value) => set({ interface: value })} />
          <Checkbox id="bootable" label={t('field.bootable')} isChecked={bootable} onChange={(_event, checked) => setBootable(checked)} />
        </>
      )}
    </FormDialog>
  );
}

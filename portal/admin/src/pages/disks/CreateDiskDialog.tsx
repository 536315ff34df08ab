// Creates an empty disk that no machine uses yet.
import { useState } from 'react';
import { Checkbox } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { ChoiceField, FormDialog, formatBytes, GIB, int, NumberField, TextField, useWork, wireBool, type Disk, type FieldSigns } from '@ferrovirt/portal-shared';
import { useDiskDomains } from '../vms/CreateVmParts';

type Field = 'name' | 'size' | 'domain';
const SIGNS: Record<Field, FieldSigns> = {
  size: { paths: ['disk.provisioned_size', 'provisioned_size'], words: /\bsize\b/i },
  domain: { paths: ['disk.storage_domains', 'storage_domain'], words: /storage domain|\bspace\b/i },
  name: { paths: ['disk.name', 'disk.alias'], words: /\bname\b|alias/i },
};

export function CreateDiskDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const domains = useDiskDomains();
  const [name, setName] = useState('');
  const [sizeGib, setSizeGib] = useState(10);
  const [thin, setThin] = useState(true);
  const [shareable, setShareable] = useState(false);
  const [chosen, setChosen] = useState('');
  const domainId = chosen || domains[0]?.id || '';
  const submit = async (): Promise<void> => {
    const body: Disk = {
      name: name.trim(),
      provisioned_size: String(Math.round(sizeGib * GIB)),
      // A disk that several machines write to cannot be QCOW2.
      format: thin && !shareable ? 'cow' : 'raw',
      sparse: wireBool(thin),
      shareable: wireBool(shareable),
      storage_domains: { storage_domain: [{ id: domainId }] },
    };
    await work<Disk>({ subject: (disk) => `disk/${disk.id ?? ''}`, title: t('disk.create'), perform: (client, options) => client.post<Disk>('disks', body, options) });
  };
  const check = () => ({ name: name.trim() === '' ? t('form.required') : undefined, domain: domainId ? undefined : t('form.required') });
  return (
    <FormDialog<Field> title={t('disk.create')} submitLabel={t('create')} signs={SIGNS} check={check} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <NumberField id="size" label={t('field.size')} value={sizeGib} min={1} unit="GiB" onChange={setSizeGib} error={errorOf('size')} />
          <ChoiceField id="domain" label={t('field.storageDomain')} value={domainId} choices={domains.map((domain) => ({ value: domain.id ?? '', label: t('disk.domainFree', { name: domain.name, free: formatBytes(int(domain.available)) }) }))} onChange={setChosen} required error={errorOf('domain')} />
          <Checkbox id="thin" label={t('disk.thin')} isChecked={thin} onChange={(_event, checked) => setThin(checked)} />
          <Checkbox id="shareable" label={t('disk.shareable')} isChecked={shareable} onChange={(_event, checked) => setShareable(checked)} />
        </>
      )}
    </FormDialog>
  );
}

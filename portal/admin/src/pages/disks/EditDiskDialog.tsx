// Changes a disk: its name, its description, and its size, which can only grow.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog, GIB, int, NumberField, TextField, useWork, type Disk, type FieldSigns } from '@ferrovirt/portal-shared';

type Field = 'name' | 'size';
const SIGNS: Record<Field, FieldSigns> = {
  size: { paths: ['disk.provisioned_size', 'provisioned_size'], words: /\bsize\b|\bgrow\b|\bspace\b/i },
  name: { paths: ['disk.name', 'disk.alias'], words: /\bname\b|alias/i },
};

/** `subject` is whose page shows the work. */
export function EditDiskDialog({ disk, subject, onClose }: { disk: Disk; subject: string; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const size = int(disk.provisioned_size) ?? 0;
  const [name, setName] = useState(disk.alias ?? disk.name ?? '');
  const [description, setDescription] = useState(disk.description ?? '');
  const [more, setMore] = useState(0);
  const submit = async (): Promise<void> => {
    const body: Disk = {
      name: name.trim(),
      description: description.trim(),
      ...(more > 0 ? { provisioned_size: String(size + Math.round(more * GIB)) } : {}),
    };
    await work({ subject, title: t('disk.edit'), perform: (client, options) => client.put<Disk>(`disks/${disk.id ?? ''}`, body, options) });
  };
  return (
    <FormDialog<Field>
      title={t('disk.editTitle', { name: disk.alias ?? disk.name })}
      submitLabel={t('save')}
      signs={SIGNS}
      check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })}
      submit={submit}
      onClose={onClose}
      variant="small"
    >
      {({ errorOf }) => (
        <>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
          <NumberField id="more" label={t('disk.extendBy')} value={more} min={0} unit="GiB" onChange={setMore} error={errorOf('size')} hint={t('disk.extendHint')} />
        </>
      )}
    </FormDialog>
  );
}

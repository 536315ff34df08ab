// Makes a template from a machine that is down.
import { useState } from 'react';
import { Content } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { FormDialog, TextField, useWork, type FieldSigns, type Template, type Vm } from '@ferrovirt/portal-shared';

const SIGNS: Record<'name', FieldSigns> = { name: { paths: ['template.name', 'name'], words: /\bname\b/i } };

export function MakeTemplateDialog({ vm, onClose }: { vm: Vm; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const [name, setName] = useState(`${vm.name ?? 'vm'}-template`);
  const [description, setDescription] = useState('');
  const submit = async (): Promise<void> => {
    await work({
      subject: `vm/${vm.id ?? ''}`,
      title: t('template.create', { name: vm.name }),
      perform: (client, options) => client.post<Template>('templates', { name, description, vm: { id: vm.id } }, options),
    });
  };
  return (
    <FormDialog
      title={t('template.create', { name: vm.name })}
      submitLabel={t('template.createShort')}
      signs={SIGNS}
      check={() => ({ name: name.trim() === '' ? t('form.required') : undefined })}
      submit={submit}
      onClose={onClose}
      variant="small"
    >
      {({ errorOf }) => (
        <>
          <Content component="p">{t('template.createText')}</Content>
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required error={errorOf('name')} />
          <TextField id="description" label={t('field.description')} value={description} onChange={setDescription} />
        </>
      )}
    </FormDialog>
  );
}

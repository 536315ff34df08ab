// The form that changes a virtual machine. It starts from what the next start would use, and says so where the machine runs.
import { useState } from 'react';
import { Alert, Checkbox, Grid, GridItem, Modal, ModalBody } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ChoiceField, FaultAlert, FormDialog, keys, NumberField, TextField, usePortal, useWork, vmIsRunning, type FieldSigns, type Vm } from '@ferrovirt/portal-shared';
import { changedVm, changesOf, type VmChanges } from './changedVm';
import { useSystemChoices } from './systems';

type Field = 'name' | 'memory' | 'guaranteed' | 'cpus' | 'os';

const SIGNS: Record<Field, FieldSigns> = {
  guaranteed: { paths: ['vm.memory_policy', 'memory_policy'], words: /guaranteed/i },
  memory: { paths: ['vm.memory', 'memory'], words: /\bmemory\b|\bRAM\b/i },
  cpus: { paths: ['vm.cpu.topology', 'cpu'], words: /\bCPUs?\b|cores|sockets|threads/i },
  os: { paths: ['vm.os.type', 'vm.os'], words: /operating system|\bOS\b/ },
  name: { paths: ['vm.name', 'name'], words: /\bname\b/i },
};

export function EditVmDialog({ vm, onClose }: { vm: Vm; onClose(): void }) {
  const { t } = useTranslation();
  const { client } = usePortal();
  const id = vm.id ?? '';
  const next = useQuery({
    queryKey: [...keys.item('vm', id), 'next_run'],
    queryFn: ({ signal }) => client.get<Vm>(`vms/${id}`, { query: { next_run: true }, signal }),
    // A form keeps what it began with.
    staleTime: 0,
    gcTime: 0,
    refetchOnMount: false,
  });
  if (next.error) {
    return (
      <Modal isOpen variant="small" onClose={onClose} aria-label={t('vm.failed.edit', { name: vm.name })}>
        <ModalBody>
          <FaultAlert error={next.error} />
        </ModalBody>
      </Modal>
    );
  }
  return next.data ? <EditForm vm={next.data} running={vmIsRunning(vm)} onClose={onClose} /> : null;
}

function EditForm({ vm, running, onClose }: { vm: Vm; running: boolean; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const [form, setForm] = useState(() => changesOf(vm));
  const set = (part: Partial<VmChanges>): void => setForm((before) => ({ ...before, ...part }));
  const submit = async (): Promise<void> => {
    await work({
      subject: `vm/${vm.id ?? ''}`,
      title: t('vm.failed.edit', { name: vm.name }),
      perform: (client, options) => client.put<Vm>(`vms/${vm.id ?? ''}`, changedVm(form), options),
    });
  };
  const check = () => ({
    name: form.name.trim() === '' ? t('form.required') : undefined,
    guaranteed: form.guaranteedMib > form.memoryMib ? t('vm.edit.guaranteedTooLarge') : undefined,
  });
  return (
    <FormDialog<Field> title={t('vm.edit.title', { name: vm.name })} submitLabel={t('save')} signs={SIGNS} check={check} submit={submit} onClose={onClose}>
      {({ errorOf }) => (
        <>
          {running && <Alert isInline isPlain variant="info" component="p" title={t('vm.edit.nextStart')} />}
          <EditFields form={form} set={set} errorOf={errorOf} />
        </>
      )}
    </FormDialog>
  );
}

interface FieldsProps {
  form: VmChanges;
  set(part: Partial<VmChanges>): void;
  errorOf(field: Field): string | undefined;
}

function EditFields({ form, set, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const systems = useSystemChoices();
  return (
    <Grid hasGutter md={6}>
      <TextField id="name" label={t('field.name')} value={form.name} onChange={(name) => set({ name })} required error={errorOf('name')} />
      <TextField id="description" label={t('field.description')} value={form.description} onChange={(description) => set({ description })} />
      <NumberField id="memory" label={t('field.memory')} value={form.memoryMib} min={32} step={256} unit="MiB" onChange={(memoryMib) => set({ memoryMib })} error={errorOf('memory')} />
      <NumberField id="guaranteed" label={t('field.guaranteedMemory')} value={form.guaranteedMib} min={0} step={256} unit="MiB" onChange={(guaranteedMib) => set({ guaranteedMib })} error={errorOf('guaranteed')} />
      <GridItem span={12}>
        <Grid hasGutter md={4}>
          <NumberField id="sockets" label={t('vm.edit.sockets')} value={form.sockets} min={1} max={512} onChange={(sockets) => set({ sockets })} error={errorOf('cpus')} />
          <NumberField id="cores" label={t('vm.edit.cores')} value={form.cores} min={1} max={254} onChange={(cores) => set({ cores })} />
          <NumberField id="threads" label={t('vm.edit.threads')} value={form.threads} min={1} max={8} onChange={(threads) => set({ threads })} />
        </Grid>
      </GridItem>
      <ChoiceField id="os" label={t('field.os')} value={form.osType} choices={systems} onChange={(osType) => set({ osType })} error={errorOf('os')} />
      <GridItem span={12}>
        <Checkbox id="protected" label={t('field.deleteProtected')} isChecked={form.deleteProtected} onChange={(_event, deleteProtected) => set({ deleteProtected })} />
      </GridItem>
    </Grid>
  );
}

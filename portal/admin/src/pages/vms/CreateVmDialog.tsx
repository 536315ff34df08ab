// The form that creates a virtual machine with its disks and NICs. When a later request is refused, the machine that was
// made stays known: sending the form again goes on where it stopped.
import { useRef, useState } from 'react';
import { FormSection, Grid } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import {
  ChoiceField,
  choicesOf,
  FormDialog,
  members,
  NumberField,
  TextField,
  useAll,
  useWork,
  type Cluster,
  type FieldSigns,
  type GraphicsConsole,
  type Template,
  type Vm,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { DisksSection, NicsSection } from './CreateVmParts';
import { attachmentBody, nicBody, vmBody, type NewVm, type NewVmField } from './newVm';
import { useSystemChoices } from './systems';

const BLANK = '00000000-0000-0000-0000-000000000000';

const SIGNS: Record<NewVmField, FieldSigns> = {
  disks: { paths: ['disk_attachment', 'disk'], words: /\bdisks?\b|storage domain|\bspace\b/i },
  nics: { paths: ['nic', 'vnic_profile'], words: /\bnics?\b|vnic|network interface/i },
  memory: { paths: ['vm.memory', 'memory'], words: /\bmemory\b|\bRAM\b/i },
  cpus: { paths: ['vm.cpu.topology', 'cpu'], words: /\bCPUs?\b|cores|sockets/i },
  os: { paths: ['vm.os.type', 'vm.os'], words: /operating system|\bOS\b/ },
  cluster: { paths: ['vm.cluster'], words: /\bcluster\b/i },
  template: { paths: ['vm.template'], words: /\btemplate\b/i },
  name: { paths: ['vm.name', 'name'], words: /\bname\b/i },
};

/** Sends the form piece by piece, remembering what is done. */
function useCreation(form: NewVm): () => Promise<void> {
  const { t } = useTranslation();
  const work = useWork();
  const navigate = useNavigate();
  const done = useRef<{ vm?: Vm; disks: Set<number>; nics: Set<number>; headless: boolean }>({ disks: new Set(), nics: new Set(), headless: false });
  return async () => {
    const state = done.current;
    const title = t('vm.failed.create', { name: form.name });
    state.vm ??= await work<Vm>({
      subject: (vm) => `vm/${vm.id ?? ''}`,
      title,
      perform: (client, options) => client.post<Vm>('vms', vmBody(form), options),
    });
    const id = state.vm.id ?? '';
    const subject = `vm/${id}`;
    for (const [index, disk] of form.disks.entries()) {
      if (state.disks.has(disk.key)) continue;
      const body = attachmentBody(disk, index, form.name, form.templateId === BLANK);
      await work({ subject, title, perform: (client, options) => client.post<Vm>(`vms/${id}/diskattachments`, body, options) });
      state.disks.add(disk.key);
    }
    for (const [index, nic] of form.nics.entries()) {
      if (state.nics.has(nic.key)) continue;
      await work({ subject, title, perform: (client, options) => client.post<Vm>(`vms/${id}/nics`, nicBody(nic, index), options) });
      state.nics.add(nic.key);
    }
    if (form.console === 'none' && !state.headless) {
      await work({
        subject,
        title,
        perform: async (client, options) => {
          const consoles = members<GraphicsConsole>(await client.get<object>(`vms/${id}/graphicsconsoles`), 'graphics_console');
          for (const entry of consoles) await client.delete(`vms/${id}/graphicsconsoles/${entry.id ?? ''}`, options);
          return {};
        },
      });
      state.headless = true;
    }
    await navigate(`${paths.vms}/${id}`);
  };
}

function firstForm(): NewVm {
  return {
    name: '',
    description: '',
    clusterId: '',
    templateId: BLANK,
    memoryMib: 1024,
    cpus: 1,
    osType: '',
    console: 'vnc',
    disks: [],
    nics: [],
  };
}

export function CreateVmDialog({ onClose, templateId }: { onClose(): void; templateId?: string }) {
  const { t } = useTranslation();
  const clusters = useAll<Cluster>('cluster');
  const [form, setForm] = useState<NewVm>(() => ({ ...firstForm(), ...(templateId ? { templateId } : {}) }));
  const set = (part: Partial<NewVm>): void => setForm((before) => ({ ...before, ...part }));
  // With one cluster there is nothing to choose.
  const onlyCluster = clusters.data?.length === 1 ? clusters.data[0]?.id : undefined;
  const complete = { ...form, clusterId: form.clusterId || onlyCluster || '' };
  const submit = useCreation(complete);
  const required = (value: string): string | undefined => (value.trim() === '' ? t('form.required') : undefined);
  const check = () => ({
    name: required(form.name),
    cluster: required(complete.clusterId),
    template: required(form.templateId),
    disks: form.disks.some((disk) => (disk.source === 'existing' ? !disk.diskId : !disk.storageDomainId)) ? t('vm.form.disksIncomplete') : undefined,
  });
  return (
    <FormDialog<NewVmField> title={t('vm.create')} submitLabel={t('vm.createShort')} signs={SIGNS} check={check} submit={submit} onClose={onClose} variant="large">
      {({ errorOf }) => (
        <>
          <GeneralSection form={complete} set={set} errorOf={errorOf} clusters={clusters.data} />
          <DisksSection form={complete} set={set} error={errorOf('disks')} />
          <NicsSection form={complete} set={set} error={errorOf('nics')} />
        </>
      )}
    </FormDialog>
  );
}

interface GeneralProps {
  form: NewVm;
  set(part: Partial<NewVm>): void;
  errorOf(field: NewVmField): string | undefined;
  clusters: Cluster[] | undefined;
}

function GeneralSection({ form, set, errorOf, clusters }: GeneralProps) {
  const { t } = useTranslation();
  const templates = useAll<Template>('template');
  const systems = useSystemChoices();
  const consoles = [
    { value: 'vnc', label: t('vm.form.vnc') },
    { value: 'none', label: t('vm.form.headless') },
  ];
  return (
    <FormSection title={t('tab.general')} titleElement="h2">
      <Grid hasGutter md={6}>
        <TextField id="name" label={t('field.name')} value={form.name} onChange={(name) => set({ name })} required autoFocus error={errorOf('name')} />
        <TextField id="description" label={t('field.description')} value={form.description} onChange={(description) => set({ description })} />
        <ChoiceField
          id="cluster"
          label={t('field.cluster')}
          value={form.clusterId}
          choices={choicesOf(clusters)}
          onChange={(clusterId) => set({ clusterId })}
          required
          error={errorOf('cluster')}
        />
        <ChoiceField
          id="template"
          label={t('field.template')}
          value={form.templateId}
          choices={choicesOf(templates.data)}
          onChange={(chosen) => set({ templateId: chosen })}
          required
          error={errorOf('template')}
        />
        <NumberField id="memory" label={t('field.memory')} value={form.memoryMib} min={128} step={256} unit="MiB" onChange={(memoryMib) => set({ memoryMib })} error={errorOf('memory')} />
        <NumberField id="cpus" label={t('field.cpus')} value={form.cpus} min={1} max={512} onChange={(cpus) => set({ cpus })} error={errorOf('cpus')} />
        <ChoiceField
          id="os"
          label={t('field.os')}
          value={form.osType}
          choices={systems}
          empty={t('vm.form.osDefault')}
          onChange={(osType) => set({ osType })}
          error={errorOf('os')}
        />
        <ChoiceField id="console" label={t('field.console')} value={form.console} choices={consoles} onChange={(value) => set({ console: value === 'none' ? 'none' : 'vnc' })} />
      </Grid>
    </FormSection>
  );
}

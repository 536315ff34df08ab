// Templates: list and page. They are made from a virtual machine's page.
import { useTranslation } from 'react-i18next';
import {
  date,
  EntityPage,
  Facts,
  formatBytes,
  formatDate,
  int,
  ListPage,
  PartTable,
  StatusLabel,
  templateRefusal,
  useDialog,
  usePart,
  useWord,
  virtualCpus,
  type Column,
  type DiskAttachment,
  type EntityAction,
  type EntityTab,
  type Template,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink, RefLink } from '../links';
import { EventsTab } from '../parts';
import { useRemoveAction } from '../remove';
import { CreateVmDialog } from '../vms/CreateVmDialog';

function useTemplateActions(): EntityAction<Template>[] {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const refusal = (action: 'remove' | 'createVm') => (template: Template): string | undefined => {
    const key = templateRefusal(template, action);
    return key && t(key);
  };
  const remove = useRemoveAction<Template>('template', paths.templates, refusal('remove'));
  return [
    {
      key: 'createVm',
      label: t('vm.create'),
      refusal: refusal('createVm'),
      run: ([template]) => openDialog((close) => <CreateVmDialog onClose={close} templateId={template?.id ?? ''} />),
      prominent: true,
    },
    remove,
  ];
}

export function TemplateList() {
  const { t, i18n } = useTranslation();
  const columns: Column<Template>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', width: 25, render: (template) => <NameLink kind="template" item={template} /> },
    { key: 'status', title: t('field.status'), sort: 'status', render: (template) => <StatusLabel area="template" status={template.status} /> },
    { key: 'cluster', title: t('field.cluster'), sort: 'cluster', render: (template) => <RefLink kind="cluster" to={template.cluster} /> },
    { key: 'memory', title: t('field.memory'), sort: 'mem', render: (template) => formatBytes(int(template.memory)) },
    { key: 'created', title: t('field.created'), sort: 'creationdate', render: (template) => formatDate(date(template.creation_time), i18n.language) },
  ];
  return <ListPage<Template> kind="template" title={t('nav.templates')} example="name=debian*" columns={columns} actions={useTemplateActions()} />;
}

export function TemplatePage() {
  const { t } = useTranslation();
  const tabs: EntityTab<Template>[] = [
    { key: 'general', title: t('tab.general'), render: (template) => <General template={template} /> },
    { key: 'disks', title: t('tab.disks'), render: (template) => <Disks id={template.id ?? ''} /> },
    { key: 'events', title: t('tab.events'), render: (template) => <EventsTab search={`_event_template_id=${template.id ?? ''}`} /> },
  ];
  return <EntityPage<Template> kind="template" listPath={paths.templates} listTitle={t('nav.templates')} statusArea="template" tabs={tabs} actions={useTemplateActions()} />;
}

function General({ template }: { template: Template }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  return (
    <Facts
      facts={[
        [t('field.memory'), formatBytes(int(template.memory))],
        [t('field.cpus'), virtualCpus(template.cpu)],
        [t('field.os'), word('os', template.os?.type)],
        [t('field.type'), word('vmType', template.type)],
        [t('field.cluster'), <RefLink key="c" kind="cluster" to={template.cluster} />],
        [t('field.created'), formatDate(date(template.creation_time), i18n.language)],
        [t('field.id'), template.id],
      ]}
    />
  );
}

function Disks({ id }: { id: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const attachments = usePart<DiskAttachment>('template', id, 'diskattachments', 'disk_attachment', { follow: 'disk' });
  const name = (entry: DiskAttachment): string => entry.disk?.alias ?? entry.disk?.name ?? entry.id ?? '';
  const columns: Column<DiskAttachment>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: name, value: name },
    { key: 'size', title: t('field.size'), render: (entry) => formatBytes(int(entry.disk?.provisioned_size)) },
    { key: 'interface', title: t('field.interface'), render: (entry) => word('diskInterface', entry.interface) },
  ];
  return <PartTable label={t('tab.disks')} query={attachments} columns={columns} nameOf={name} />;
}

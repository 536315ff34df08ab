// Tables that stand in the pages of several entities.
import { Label } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  date,
  formatBytes,
  formatDate,
  guestAddresses,
  int,
  PartTable,
  StatusLabel,
  useFound,
  usePart,
  useWord,
  virtualCpus,
  type Column,
  type Event,
  type Host,
  type Kind,
  type Permission,
  type Vm,
} from '@ferrovirt/portal-shared';
import { severityVariant } from '../layout/EventsDrawer';
import { NameLink } from './links';

export function Severity({ severity }: { severity: string | undefined }) {
  const word = useWord();
  const variant = severityVariant(severity);
  return (
    <Label isCompact variant="outline" status={variant === 'custom' ? 'info' : variant}>
      {word('severity', severity)}
    </Label>
  );
}

export function useEventColumns(): Column<Event>[] {
  const { t, i18n } = useTranslation();
  return [
    { key: 'severity', title: t('events.severity'), long: 'nowrap', sort: 'severity', width: 10, render: (event) => <Severity severity={event.severity} />, value: (event) => event.severity },
    { key: 'time', title: t('events.time'), sort: 'time', width: 20, render: (event) => formatDate(date(event.time), i18n.language), value: (event) => event.time },
    { key: 'message', title: t('events.message'), long: 'wrap', width: 40, render: (event) => event.description ?? '–', value: (event) => event.description },
    { key: 'code', title: t('events.code'), width: 10, render: (event) => event.code ?? '–', value: (event) => int(event.code) },
    { key: 'correlation', title: t('events.correlation'), width: 15, render: (event) => event.correlation_id ?? '–', value: (event) => event.correlation_id },
  ];
}

/** Events about one entity, newest first. `search` names it in the search language of events. */
export function EventsTab({ search }: { search: string }) {
  const { t } = useTranslation();
  const events = useFound<Event>('event', `${search} sortby time desc`, 200);
  return <PartTable label={t('nav.events')} query={events} columns={useEventColumns()} nameOf={(event) => event.id ?? ''} />;
}

/** Machines that a search finds. */
export function VmsTab({ search }: { search: string }) {
  const { t } = useTranslation();
  const vms = useFound<Vm>('vm', search);
  const columns: Column<Vm>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (vm) => <NameLink kind="vm" item={vm} />, value: (vm) => vm.name },
    { key: 'status', title: t('field.status'), sort: 'status', render: (vm) => <StatusLabel area="vm" status={vm.status} />, value: (vm) => vm.status },
    { key: 'addresses', title: t('field.addresses'), render: (vm) => guestAddresses(vm).join(', ') || '–' },
    { key: 'memory', title: t('field.memory'), sort: 'memory', render: (vm) => formatBytes(int(vm.memory)), value: (vm) => int(vm.memory) },
    { key: 'cpus', title: t('field.cpus'), sort: 'cpus', render: (vm) => virtualCpus(vm.cpu), value: (vm) => virtualCpus(vm.cpu) },
  ];
  return <PartTable label={t('nav.vms')} query={vms} columns={columns} sort="name" />;
}

export function HostsTab({ search }: { search: string }) {
  const { t } = useTranslation();
  const hosts = useFound<Host>('host', search);
  const columns: Column<Host>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (host) => <NameLink kind="host" item={host} />, value: (host) => host.name },
    { key: 'status', title: t('field.status'), sort: 'status', render: (host) => <StatusLabel area="host" status={host.status} />, value: (host) => host.status },
    { key: 'address', title: t('field.address'), sort: 'address', render: (host) => host.address ?? '–', value: (host) => host.address },
    { key: 'vms', title: t('nav.vms'), sort: 'vms', render: (host) => host.summary?.active ?? '–', value: (host) => int(host.summary?.active) },
  ];
  return <PartTable label={t('nav.hosts')} query={hosts} columns={columns} sort="name" />;
}

/** Who may do what with an entity. */
export function PermissionsTab({ kind, id }: { kind: Kind; id: string }) {
  const { t } = useTranslation();
  const permissions = usePart<Permission>(kind, id, 'permissions', 'permission', { follow: 'role,user,group' });
  const who = (permission: Permission): string =>
    permission.user?.user_name ?? permission.user?.name ?? permission.group?.name ?? permission.user?.id ?? permission.group?.id ?? '–';
  const columns: Column<Permission>[] = [
    { key: 'who', title: t('field.user'), sort: 'who', render: who, value: who },
    { key: 'role', title: t('field.role'), sort: 'role', render: (entry) => entry.role?.name ?? entry.role?.id ?? '–', value: (entry) => entry.role?.name },
  ];
  return <PartTable label={t('tab.permissions')} query={permissions} columns={columns} nameOf={who} />;
}


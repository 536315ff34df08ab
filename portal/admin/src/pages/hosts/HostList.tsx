// The list of hosts.
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { cpuUse, ListPage, memoryUse, percent, StatusLabel, useDialog, type Column, type Host } from '@ferrovirt/portal-shared';
import { NameLink, RefLink } from '../links';
import { useHostActions } from './actions';
import { AddHostDialog } from './AddHostDialog';

function useColumns(): Column<Host>[] {
  const { t } = useTranslation();
  const share = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} %`);
  const memory = (host: Host): number | undefined => {
    const use = memoryUse(host.statistics?.statistic);
    return use && percent(use.used, use.total);
  };
  return [
    { key: 'name', title: t('field.name'), sort: 'name', width: 20, render: (host) => <NameLink kind="host" item={host} /> },
    { key: 'status', title: t('field.status'), sort: 'status', width: 15, render: (host) => <StatusLabel area="host" status={host.status} /> },
    { key: 'address', title: t('field.address'), sort: 'address', width: 15, render: (host) => host.address ?? '–' },
    { key: 'cluster', title: t('field.cluster'), sort: 'cluster', width: 15, render: (host) => <RefLink kind="cluster" to={host.cluster} /> },
    { key: 'vms', title: t('nav.vms'), sort: 'active_vms', width: 10, render: (host) => host.summary?.active ?? '–' },
    { key: 'cpu', title: t('field.cpuUse'), sort: 'cpu_usage', width: 10, render: (host) => share(cpuUse(host.statistics?.statistic)) },
    { key: 'memory', title: t('field.memoryUse'), sort: 'mem_usage', width: 10, render: (host) => share(memory(host)) },
  ];
}

export function HostList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  return (
    <ListPage<Host>
      kind="host"
      title={t('nav.hosts')}
      example="status=up and cluster=Default"
      columns={useColumns()}
      actions={useHostActions()}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <AddHostDialog onClose={close} />)}>{t('host.add')}</Button>
        </ToolbarItem>
      }
    />
  );
}

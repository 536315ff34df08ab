// The list of virtual machines, kept true by the event stream.
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  formatBytes,
  guestAddresses,
  int,
  ListPage,
  StatusLabel,
  useDialog,
  virtualCpus,
  type Column,
  type Vm,
} from '@ferrovirt/portal-shared';
import { NameLink, RefLink } from '../links';
import { useVmActions } from './actions';
import { CreateVmDialog } from './CreateVmDialog';
import { Uptime } from './Uptime';

function useColumns(): Column<Vm>[] {
  const { t } = useTranslation();
  return [
    { key: 'name', title: t('field.name'), sort: 'name', width: 20, render: (vm) => <NameLink kind="vm" item={vm} /> },
    { key: 'status', title: t('field.status'), sort: 'status', width: 15, render: (vm) => <StatusLabel area="vm" status={vm.status} /> },
    { key: 'host', title: t('field.host'), width: 15, render: (vm) => <RefLink kind="host" to={vm.host} /> },
    { key: 'addresses', title: t('field.addresses'), sort: 'ip', width: 15, render: (vm) => guestAddresses(vm).join(', ') || '–' },
    { key: 'cluster', title: t('field.cluster'), sort: 'cluster', width: 15, render: (vm) => <RefLink kind="cluster" to={vm.cluster} /> },
    { key: 'memory', title: t('field.memory'), sort: 'memory', width: 10, render: (vm) => formatBytes(int(vm.memory)) },
    { key: 'cpus', title: t('field.vcpus'), width: 10, render: (vm) => virtualCpus(vm.cpu) },
    { key: 'uptime', title: t('field.uptime'), sort: 'uptime', width: 10, render: (vm) => <Uptime vm={vm} /> },
  ];
}

export function VmList() {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const actions = useVmActions();
  return (
    <ListPage<Vm>
      kind="vm"
      title={t('nav.vms')}
      example="name=web* and status=up"
      columns={useColumns()}
      actions={actions}
      create={
        <ToolbarItem>
          <Button onClick={() => openDialog((close) => <CreateVmDialog onClose={close} />)}>{t('vm.create')}</Button>
        </ToolbarItem>
      }
    />
  );
}

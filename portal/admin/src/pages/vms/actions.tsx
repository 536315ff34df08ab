// What can be done to virtual machines: the same actions for a row, a selection and a machine's page.
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import {
  ConfirmDialog,
  useDialog,
  useRun,
  vmRefusal,
  type EntityAction,
  type Vm,
  type VmAction,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { EditVmDialog } from './EditVmDialog';
import { MakeTemplateDialog } from './MakeTemplateDialog';
import { MigrateDialog } from './MigrateDialog';
import { RemoveVmDialog } from './RemoveVmDialog';

/** Path segment of an action of the API. */
const SEGMENT = { start: 'start', shutdown: 'shutdown', stop: 'stop', reboot: 'reboot', cancelMigration: 'cancelmigration' } as const;
type Simple = keyof typeof SEGMENT;

export function useVmActions(): EntityAction<Vm>[] {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const navigate = useNavigate();

  const refusal = (action: VmAction) => (vm: Vm): string | undefined => {
    const key = vmRefusal(vm, action);
    return key && t(key);
  };
  const perform = (action: Simple, vms: Vm[]): void => {
    for (const vm of vms) {
      void run({
        subject: `vm/${vm.id ?? ''}`,
        title: t(`vm.failed.${action}`, { name: vm.name }),
        perform: (client, options) => client.action(`vms/${vm.id ?? ''}/${SEGMENT[action]}`, {}, options),
      });
    }
  };
  const simple = (action: Simple): EntityAction<Vm> => ({
    key: action,
    label: t(`vm.action.${action}`),
    refusal: refusal(action),
    run: (vms) => perform(action, vms),
    bulk: true,
  });
  return [
    { ...simple('start'), prominent: true },
    { ...simple('shutdown'), prominent: true },
    { ...simple('reboot') },
    { ...simple('stop'), run: (vms) => openDialog((close) => <StopDialog vms={vms} onConfirm={() => perform('stop', vms)} onClose={close} />) },
    {
      key: 'migrate',
      label: t('vm.action.migrate'),
      refusal: refusal('migrate'),
      run: (vms) => openDialog((close) => <MigrateDialog vms={vms} onClose={close} />),
      prominent: true,
      bulk: true,
    },
    simple('cancelMigration'),
    {
      key: 'console',
      label: t('vm.action.console'),
      refusal: refusal('console'),
      run: ([vm]) => void navigate(`${paths.vms}/${vm?.id ?? ''}/console`),
      prominent: true,
    },
    {
      key: 'edit',
      label: t('edit'),
      refusal: refusal('edit'),
      run: ([vm]) => vm && openDialog((close) => <EditVmDialog vm={vm} onClose={close} />),
    },
    {
      key: 'makeTemplate',
      label: t('vm.action.makeTemplate'),
      refusal: refusal('makeTemplate'),
      run: ([vm]) => vm && openDialog((close) => <MakeTemplateDialog vm={vm} onClose={close} />),
    },
    {
      key: 'remove',
      label: t('vm.action.remove'),
      refusal: refusal('remove'),
      run: (vms) => openDialog((close) => <RemoveVmDialog vms={vms} onClose={close} />),
      bulk: true,
      danger: true,
    },
  ];
}

/** Asks before the plug is pulled. */
function StopDialog({ vms, onConfirm, onClose }: { vms: Vm[]; onConfirm(): void; onClose(): void }) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      title={t('vm.stop.title', { count: vms.length })}
      text={t('vm.stop.text')}
      losses={vms.map((vm) => vm.name ?? '')}
      confirmLabel={t('vm.action.stop')}
      danger
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

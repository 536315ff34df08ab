// What can be done to hosts: from a row, a selection and a host's page.
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { ConfirmDialog, hostRefusal, useDialog, useRun, type EntityAction, type Host, type HostAction } from '@ferrovirt/portal-shared';
import { paths } from '../../paths';

export function useHostActions(): EntityAction<Host>[] {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const navigate = useNavigate();
  const params = useParams();
  const refusal = (action: HostAction) => (host: Host): string | undefined => {
    const key = hostRefusal(host, action);
    return key && t(key);
  };
  const act = (action: 'activate' | 'deactivate' | 'approve', hosts: Host[]): void => {
    for (const host of hosts) {
      void run({
        subject: `host/${host.id ?? ''}`,
        title: t(`host.failed.${action}`, { name: host.name }),
        perform: (client, options) => client.action(`hosts/${host.id ?? ''}/${action}`, {}, options),
      });
    }
  };
  const remove = async (hosts: Host[]): Promise<void> => {
    for (const host of hosts) {
      const accepted = await run({
        subject: 'host',
        title: t('host.failed.remove', { name: host.name }),
        perform: (client, options) => client.delete(`hosts/${host.id ?? ''}`, options),
      });
      if (accepted && params['id'] === host.id) await navigate(paths.hosts);
    }
  };
  const confirm = (hosts: Host[], kind: 'deactivate' | 'remove', onConfirm: () => void): void =>
    openDialog((close) => (
      <ConfirmDialog
        title={t(`host.${kind}.title`, { count: hosts.length, name: hosts[0]?.name })}
        text={t(`host.${kind}.text`)}
        losses={hosts.map((host) => t(`host.${kind}.line`, { name: host.name, count: Number(host.summary?.active ?? 0) }))}
        confirmLabel={t(`host.action.${kind}`)}
        danger={kind === 'remove'}
        onConfirm={onConfirm}
        onClose={close}
      />
    ));
  return [
    { key: 'activate', label: t('host.action.activate'), refusal: refusal('activate'), run: (hosts) => act('activate', hosts), prominent: true, bulk: true },
    {
      key: 'deactivate',
      label: t('host.action.deactivate'),
      refusal: refusal('deactivate'),
      run: (hosts) => confirm(hosts, 'deactivate', () => act('deactivate', hosts)),
      prominent: true,
      bulk: true,
    },
    { key: 'approve', label: t('host.action.approve'), refusal: refusal('approve'), run: (hosts) => act('approve', hosts), bulk: true },
    {
      key: 'remove',
      label: t('remove'),
      refusal: refusal('remove'),
      run: (hosts) => confirm(hosts, 'remove', () => void remove(hosts)),
      bulk: true,
      danger: true,
    },
  ];
}

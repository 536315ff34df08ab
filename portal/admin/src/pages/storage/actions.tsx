// What can be done to storage domains: attach, activate, maintenance, detach, remove.
import { useState } from 'react';
import { Checkbox, Content } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import {
  attachedTo,
  ChoiceField,
  choicesOf,
  ConfirmDialog,
  FormDialog,
  storageDomainRefusal,
  useAll,
  useDialog,
  useRun,
  useWork,
  type DataCenter,
  type EntityAction,
  type FieldSigns,
  type Host,
  type StorageDomain,
  type StorageDomainAction,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { useDomainStatus } from './status';

export function useDomainActions(): EntityAction<StorageDomain>[] {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const statusOf = useDomainStatus();
  const refusal = (action: StorageDomainAction) => (domain: StorageDomain): string | undefined => {
    const key = storageDomainRefusal(domain, action, statusOf(domain));
    return key && t(key);
  };
  const attachedPath = (domain: StorageDomain): string => `datacenters/${attachedTo(domain) ?? ''}/storagedomains/${domain.id ?? ''}`;
  const each = (action: 'activate' | 'deactivate' | 'detach', domains: StorageDomain[]): void => {
    for (const domain of domains) {
      void run({
        subject: `storage_domain/${domain.id ?? ''}`,
        title: t(`storage.failed.${action}`, { name: domain.name }),
        perform: (client, options) =>
          action === 'detach' ? client.delete(attachedPath(domain), options) : client.action(`${attachedPath(domain)}/${action}`, {}, options),
      });
    }
  };
  const confirm = (action: 'deactivate' | 'detach', domains: StorageDomain[]): void =>
    openDialog((close) => (
      <ConfirmDialog
        title={t(`storage.${action}.title`, { count: domains.length, name: domains[0]?.name })}
        text={t(`storage.${action}.text`)}
        losses={domains.map((domain) => domain.name ?? '')}
        confirmLabel={t(`storage.action.${action}`)}
        onConfirm={() => each(action, domains)}
        onClose={close}
      />
    ));
  return [
    { key: 'attach', label: t('storage.action.attach'), refusal: refusal('attach'), prominent: true, run: ([domain]) => domain && openDialog((close) => <AttachDialog domain={domain} onClose={close} />) },
    { key: 'activate', label: t('storage.action.activate'), refusal: refusal('activate'), prominent: true, bulk: true, run: (domains) => each('activate', domains) },
    { key: 'deactivate', label: t('storage.action.deactivate'), refusal: refusal('deactivate'), prominent: true, bulk: true, run: (domains) => confirm('deactivate', domains) },
    { key: 'detach', label: t('storage.action.detach'), refusal: refusal('detach'), run: (domains) => confirm('detach', domains) },
    { key: 'remove', label: t('remove'), refusal: refusal('remove'), danger: true, run: ([domain]) => domain && openDialog((close) => <RemoveDomainDialog domain={domain} onClose={close} />) },
  ];
}

const ATTACH_SIGNS: Record<'dataCenter', FieldSigns> = { dataCenter: { words: /data cent/i } };

function AttachDialog({ domain, onClose }: { domain: StorageDomain; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const centers = useAll<DataCenter>('data_center');
  const [chosen, setChosen] = useState('');
  const centerId = chosen || centers.data?.[0]?.id || '';
  const submit = async (): Promise<void> => {
    await work({
      subject: `storage_domain/${domain.id ?? ''}`,
      title: t('storage.action.attach'),
      perform: (client, options) => client.post<StorageDomain>(`datacenters/${centerId}/storagedomains`, { id: domain.id }, options),
    });
  };
  return (
    <FormDialog title={t('storage.attach.title', { name: domain.name })} submitLabel={t('storage.action.attach')} signs={ATTACH_SIGNS} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <ChoiceField id="data-center" label={t('field.dataCenter')} value={centerId} choices={choicesOf(centers.data)} onChange={setChosen} required error={errorOf('dataCenter')} />
      )}
    </FormDialog>
  );
}

const REMOVE_SIGNS: Record<'host', FieldSigns> = { host: { words: /\bhost\b/i } };

function RemoveDomainDialog({ domain, onClose }: { domain: StorageDomain; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const navigate = useNavigate();
  const params = useParams();
  const hosts = useAll<Host>('host');
  const up = hosts.data?.filter((host) => host.status === 'up');
  const [chosen, setChosen] = useState('');
  const [format, setFormat] = useState(false);
  const hostId = chosen || up?.[0]?.id || '';
  const submit = async (): Promise<void> => {
    await work({
      subject: 'storage_domain',
      title: t('storage.failed.remove', { name: domain.name }),
      perform: (client, options) => client.delete(`storagedomains/${domain.id ?? ''}`, { ...options, query: { format, host: hostId } }),
    });
    if (params['id'] === domain.id) await navigate(paths.domains);
  };
  return (
    <FormDialog title={t('storage.remove.title', { name: domain.name })} submitLabel={t('remove')} danger signs={REMOVE_SIGNS} submit={submit} onClose={onClose} variant="small">
      {({ errorOf }) => (
        <>
          <Content component="p">{t(format ? 'storage.remove.formatText' : 'storage.remove.text')}</Content>
          <Checkbox id="format" label={t('storage.remove.format')} isChecked={format} onChange={(_event, checked) => setFormat(checked)} />
          <ChoiceField id="host" label={t('storage.remove.host')} value={hostId} choices={choicesOf(up)} onChange={setChosen} required error={errorOf('host')} />
        </>
      )}
    </FormDialog>
  );
}

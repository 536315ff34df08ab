// Adds a host: makes a one-time token with the command that joins the host by it, or takes over an agent that has joined.
import { useState } from 'react';
import { Button, ClipboardCopy, ClipboardCopyVariant, Content, Modal, ModalBody, ModalFooter, ModalHeader, Radio } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  choicesOf,
  formatDate,
  FormDialog,
  SERVICES_ROOT,
  TextField,
  useAll,
  usePortal,
  useWork,
  type Cluster,
  type FieldSigns,
  type Host,
} from '@ferrovirt/portal-shared';

type Field = 'name' | 'address' | 'cluster';
const SIGNS: Record<Field, FieldSigns> = {
  cluster: { paths: ['host.cluster', 'cluster'], words: /\bcluster\b/i },
  address: { paths: ['host.address', 'address'], words: /\baddress\b|resolve/i },
  name: { paths: ['host.name', 'host', 'name'], words: /\bname\b/i },
};

interface JoinToken {
  token?: string;
  expires?: string | number;
}

/** Seconds that a token made here stays good. */
const LIFETIME = 3600;

export function AddHostDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { client } = usePortal();
  const work = useWork();
  const clusters = useAll<Cluster>('cluster');
  const [way, setWay] = useState<'token' | 'joined'>('token');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [clusterId, setClusterId] = useState('');
  const [token, setToken] = useState<JoinToken>();
  const cluster = clusters.data?.find((entry) => entry.id === clusterId) ?? clusters.data?.[0];
  if (token) return <TokenDialog token={token} onClose={onClose} />;

  const askForToken = async (): Promise<void> => {
    const body = { cluster: cluster?.name, ...(name.trim() ? { host: name.trim() } : {}), lifetime_seconds: LIFETIME };
    setToken(await client.post<JoinToken>(`${SERVICES_ROOT}/host-join-tokens`, body));
  };
  const adopt = async (): Promise<void> => {
    const body: Host = { name: name.trim(), address: address.trim(), cluster: { id: cluster?.id ?? '' } };
    await work<Host>({ subject: (host) => `host/${host.id ?? ''}`, title: t('host.add'), perform: (api, options) => api.post<Host>('hosts', body, options) });
  };
  const required = (value: string): string | undefined => (value.trim() === '' ? t('form.required') : undefined);
  const check = () => ({
    cluster: cluster ? undefined : t('form.required'),
    ...(way === 'joined' ? { name: required(name), address: required(address) } : {}),
  });
  return (
    <FormDialog<Field>
      title={t('host.add')}
      submitLabel={t(way === 'token' ? 'host.makeToken' : 'host.addShort')}
      signs={SIGNS}
      check={check}
      submit={way === 'token' ? askForToken : adopt}
      onClose={way === 'token' ? () => undefined : onClose}
      onCancel={onClose}
    >
      {({ errorOf }) => (
        <>
          <Radio id="way-token" name="way" label={t('host.wayToken')} description={t('host.wayTokenText')} isChecked={way === 'token'} onChange={() => setWay('token')} />
          <Radio id="way-joined" name="way" label={t('host.wayJoined')} description={t('host.wayJoinedText')} isChecked={way === 'joined'} onChange={() => setWay('joined')} />
          <TextField id="name" label={t('field.name')} value={name} onChange={setName} required={way === 'joined'} hint={way === 'token' ? t('host.nameHint') : undefined} error={errorOf('name')} />
          {way === 'joined' && <TextField id="address" label={t('field.address')} value={address} onChange={setAddress} required error={errorOf('address')} />}
          <ChoiceField id="cluster" label={t('field.cluster')} value={cluster?.id ?? ''} choices={choicesOf(clusters.data)} onChange={setClusterId} required error={errorOf('cluster')} />
        </>
      )}
    </FormDialog>
  );
}

/** Shows the token once, inside the command that uses it. */
function TokenDialog({ token, onClose }: { token: JoinToken; onClose(): void }) {
  const { t, i18n } = useTranslation();
  const expires = token.expires === undefined ? undefined : new Date(token.expires);
  const command = `ferrovirt-host join --token ${token.token ?? ''}`;
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="token-title">
      <ModalHeader title={t('host.tokenTitle')} labelId="token-title" />
      <ModalBody>
        <Content component="p">{t('host.tokenText')}</Content>
        <ClipboardCopy isReadOnly isCode isExpanded variant={ClipboardCopyVariant.expansion} hoverTip={t('copy')} clickTip={t('copied')} textAriaLabel={t('host.command')} toggleAriaLabel={t('host.command')}>
          {command}
        </ClipboardCopy>
        {expires && <Content component="small">{t('host.tokenExpires', { date: formatDate(expires, i18n.language) })}</Content>}
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t('form.close')}</Button>
      </ModalFooter>
    </Modal>
  );
}

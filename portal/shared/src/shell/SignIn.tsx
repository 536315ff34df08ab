// The sign-in page. Hands name and password to the engine and forgets them; says why it did not work.
import { useState, type FormEvent } from 'react';
import { ActionGroup, Alert, Brand, Button, Content, Flex, Form, Login, LoginFooter, LoginHeader, LoginMainBody, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { ApiClient } from '../api/client';
import { asFault, type ApiFault } from '../api/fault';
import { signIn } from '../api/session';
import type { Api } from '../api/types';
import { useFaultText } from '../form/faults';
import { TextField } from '../form/fields';

export interface SignInProps {
  client: ApiClient;
  /** True when a session of this page has just ended. */
  ended: boolean;
  onSignedIn(api: Api): void;
}

export function SignIn({ client, ended, onSignedIn }: SignInProps) {
  const { t } = useTranslation();
  const text = useFaultText();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<ApiFault>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      onSignedIn(await signIn(client, user.trim(), password));
    } catch (error) {
      setFault(asFault(error));
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  const message = fault && (fault.isUnauthorized ? t('signIn.refused') : text(fault));
  return (
    <Login
      style={{ backgroundColor: 'var(--pf-t--global--background--color--secondary--default)' }}
      header={<LoginHeader headerBrand={<ProductName />} />}
      footer={<LoginFooter>{t('signIn.about')}</LoginFooter>}
    >
      <LoginMainBody>
        <Title headingLevel="h1" size="2xl">
          {t('signIn.title')}
        </Title>
        <Content component="p">{t('signIn.subtitle')}</Content>
        <Form onSubmit={(event) => void submit(event)}>
          {ended && !fault && <Alert isInline variant="info" component="p" title={t('signIn.ended')} />}
          {message && <Alert isInline isLiveRegion variant="danger" component="p" title={message} />}
          <TextField id="user" label={t('signIn.user')} hint={t('signIn.userHint')} value={user} onChange={setUser} required autoFocus autoComplete="username" />
          <TextField
            id="password"
            label={t('signIn.password')}
            type="password"
            value={password}
            onChange={setPassword}
            required
            autoComplete="current-password"
          />
          <ActionGroup>
            <Button type="submit" isBlock isLoading={busy} isDisabled={busy || user.trim() === '' || password === ''}>
              {t('signIn.submit')}
            </Button>
          </ActionGroup>
        </Form>
      </LoginMainBody>
    </Login>
  );
}

function ProductName() {
  return (
    <Flex alignItems={{ default: 'alignItemsCenter' }} style={{ marginBlockEnd: 'var(--pf-t--global--spacer--md)' }}>
      <Brand src={`${import.meta.env.BASE_URL}logo.svg`} alt="" heights={{ default: '48px' }} style={{ marginBlockEnd: 0 }} />
      <Content component="p" style={{ fontSize: 'var(--pf-t--global--font--size--heading--2xl)', margin: 0 }}>
        Ferrovirt
      </Content>
    </Flex>
  );
}

// Asks where virtual machines shall move: a host, or whichever the scheduler picks.
import { useState } from 'react';
import { Content } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { ChoiceField, choicesOf, FormDialog, useAll, useWork, type FieldSigns, type Host, type Vm } from '@ferrovirt/portal-shared';

const SIGNS: Record<'host', FieldSigns> = { host: { paths: ['action.host', 'host'], words: /host/i } };

export function MigrateDialog({ vms, onClose }: { vms: Vm[]; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const hosts = useAll<Host>('host');
  const [hostId, setHostId] = useState('');
  const possible = hosts.data?.filter(
    (host) => host.status === 'up' && vms.every((vm) => vm.cluster?.id === host.cluster?.id && vm.host?.id !== host.id),
  );
  const submit = async (): Promise<void> => {
    const body = hostId === '' ? {} : { host: { id: hostId } };
    for (const vm of vms) {
      await work({
        subject: `vm/${vm.id ?? ''}`,
        title: t('vm.failed.migrate', { name: vm.name }),
        perform: (client, options) => client.action(`vms/${vm.id ?? ''}/migrate`, body, options),
      });
    }
  };
  return (
    <FormDialog
      title={t('vm.migrate.title', { count: vms.length, name: vms[0]?.name })}
      submitLabel={t('vm.action.migrate')}
      signs={SIGNS}
      submit={submit}
      onClose={onClose}
      variant="small"
    >
      {({ errorOf }) => (
        <>
          <Content component="p">{t('vm.migrate.text')}</Content>
          <ChoiceField
            id="host"
            label={t('vm.migrate.host')}
            value={hostId}
            onChange={setHostId}
            choices={choicesOf(possible)}
            empty={t('vm.migrate.automatic')}
            error={errorOf('host')}
            hint={possible?.length === 0 ? t('vm.migrate.noHost') : undefined}
          />
        </>
      )}
    </FormDialog>
  );
}

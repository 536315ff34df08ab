// Asks before virtual machines are removed, and names what goes with each: its disks, unless they are to be kept.
import { useState } from 'react';
import { Checkbox, Content, List, ListItem, Skeleton } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { bool, FormDialog, formatBytes, int, keys, members, usePortal, useWork, type DiskAttachment, type Vm } from '@ferrovirt/portal-shared';
import { paths } from '../../paths';

const NO_SIGNS = {};

export function RemoveVmDialog({ vms, onClose }: { vms: Vm[]; onClose(): void }) {
  const { t } = useTranslation();
  const work = useWork();
  const navigate = useNavigate();
  const params = useParams();
  const [keepDisks, setKeepDisks] = useState(false);
  const submit = async (): Promise<void> => {
    for (const vm of vms) {
      await work({
        subject: 'vm',
        title: t('vm.failed.remove', { name: vm.name }),
        perform: (client, options) =>
          client.delete(`vms/${vm.id ?? ''}`, { ...options, query: keepDisks ? { detach_only: true } : {} }),
      });
    }
    if (vms.some((vm) => vm.id === params['id'])) await navigate(paths.vms);
  };
  return (
    <FormDialog
      title={t('vm.remove.title', { count: vms.length, name: vms[0]?.name })}
      submitLabel={t('vm.action.remove')}
      danger
      signs={NO_SIGNS}
      submit={submit}
      onClose={onClose}
      variant="small"
    >
      {() => (
        <>
          <Content component="p">{t(keepDisks ? 'vm.remove.kept' : 'vm.remove.lost')}</Content>
          <Losses vms={vms} keepDisks={keepDisks} />
          <Checkbox id="keep-disks" label={t('vm.remove.keepDisks')} isChecked={keepDisks} onChange={(_event, checked) => setKeepDisks(checked)} />
        </>
      )}
    </FormDialog>
  );
}

/** The machines and the disks that only they use. */
function Losses({ vms, keepDisks }: { vms: Vm[]; keepDisks: boolean }) {
  const { t } = useTranslation();
  const { client } = usePortal();
  const attachments = useQueries({
    queries: vms.map((vm) => ({
      queryKey: keys.part('vm', vm.id ?? '', 'diskattachments'),
      queryFn: async () =>
        members<DiskAttachment>(await client.get<object>(`vms/${vm.id ?? ''}/diskattachments`, { query: { follow: 'disk' } }), 'disk_attachment'),
    })),
  });
  return (
    <List>
      {vms.map((vm, index) => (
        <ListItem key={vm.id}>
          {t('vm.remove.machine', { name: vm.name })}
          {attachments[index]?.isPending && <Skeleton screenreaderText={t('list.loading')} />}
          {!keepDisks && (
            <List>
              {attachments[index]?.data?.map(({ id, disk }) => (
                <ListItem key={id}>
                  {bool(disk?.shareable)
                    ? t('vm.remove.sharedDisk', { name: disk?.alias ?? disk?.name })
                    : t('vm.remove.disk', { name: disk?.alias ?? disk?.name ?? id, size: formatBytes(int(disk?.provisioned_size)) })}
                </ListItem>
              ))}
            </List>
          )}
        </ListItem>
      ))}
    </List>
  );
}

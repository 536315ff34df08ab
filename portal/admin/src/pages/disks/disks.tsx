// Disks: list and page.
import { Button, ToolbarItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  diskRefusal,
  EntityPage,
  Facts,
  formatBytes,
  int,
  ListPage,
  StatusLabel,
  useDialog,
  useWord,
  type Column,
  type Disk,
  type DiskAction,
  type EntityAction,
  type EntityTab,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { NameLink, RefLink } from '../links';
import { useRemoveAction } from '../remove';
import { CreateDiskDialog } from './CreateDiskDialog';
import { EditDiskDialog } from './EditDiskDialog';
import { DownloadDialog } from './DownloadDialog';
import { UploadDialog } from './UploadDialog';

export function diskName(disk: Disk): string {
  return disk.alias ?? disk.name ?? disk.id ?? '';
}

function useDiskActions(): EntityAction<Disk>[] {
  const { t } = useTranslation();
  const openDialog = useDialog();
  const refusal = (action: DiskAction) => (disk: Disk): string | undefined => {
    const key = diskRefusal(disk, action);
    return key && t(key);
  };
  const remove = useRemoveAction<Disk>('disk', paths.disks, refusal('remove'), diskName);
  return [
    {
      key: 'edit',
      label: t('edit'),
      refusal: refusal('edit'),
      run: ([disk]) => disk && openDialog((close) => <EditDiskDialog disk={disk} subject={`disk/${disk.id ?? ''}`} onClose={close} />),
      prominent: true,
    },
    {
      key: 'download',
      label: t('disk.download'),
      refusal: refusal('download'),
      run: ([disk]) => disk && openDialog((close) => <DownloadDialog disk={disk} onClose={close} />),
      prominent: true,
    },
    remove,
  ];
}

export function DiskList() {
  const { t } = useTranslation();
  const word = useWord();
  const openDialog = useDialog();
  const columns: Column<Disk>[] = [
    { key: 'name', title: t('field.name'), sort: 'alias', width: 25, render: (disk) => <NameLink kind="disk" item={{ id: disk.id, name: diskName(disk) }} /> },
    { key: 'status', title: t('field.status'), sort: 'status', width: 10, render: (disk) => <StatusLabel area="disk" status={disk.status} /> },
    { key: 'size', title: t('field.size'), sort: 'provisioned_size', width: 10, render: (disk) => formatBytes(int(disk.provisioned_size)) },
    { key: 'actual', title: t('field.actualSize'), sort: 'actual_size', width: 10, render: (disk) => formatBytes(int(disk.actual_size)) },
    { key: 'format', title: t('field.format'), width: 10, render: (disk) => word('diskFormat', disk.format) },
    { key: 'content', title: t('field.content'), sort: 'disk_content_type', width: 10, render: (disk) => word('content', disk.content_type ?? 'data') },
    { key: 'domain', title: t('field.storageDomain'), width: 20, render: (disk) => <RefLink kind="storage_domain" to={disk.storage_domains?.storage_domain?.[0]} /> },
  ];
  return (
    <ListPage<Disk>
      kind="disk"
      title={t('nav.disks')}
      example="alias=web* and status=ok"
      columns={columns}
      actions={useDiskActions()}
      nameOf={diskName}
      create={
        <>
          <ToolbarItem>
            <Button onClick={() => openDialog((close) => <CreateDiskDialog onClose={close} />)}>{t('disk.create')}</Button>
          </ToolbarItem>
          <ToolbarItem>
            <Button variant="secondary" onClick={() => openDialog((close) => <UploadDialog onClose={close} />)}>
              {t('disk.upload')}
            </Button>
          </ToolbarItem>
        </>
      }
    />
  );
}

export function DiskPage() {
  const { t } = useTranslation();
  const tabs: EntityTab<Disk>[] = [{ key: 'general', title: t('tab.general'), render: (disk) => <General disk={disk} /> }];
  return <EntityPage<Disk> kind="disk" listPath={paths.disks} listTitle={t('nav.disks')} statusArea="disk" nameOf={diskName} tabs={tabs} actions={useDiskActions()} />;
}

function General({ disk }: { disk: Disk }) {
  const { t } = useTranslation();
  const word = useWord();
  const vms = disk.vms?.vm ?? [];
  return (
    <Facts
      facts={[
        [t('field.size'), formatBytes(int(disk.provisioned_size))],
        [t('field.actualSize'), formatBytes(int(disk.actual_size))],
        [t('field.format'), word('diskFormat', disk.format)],
        [t('disk.thin'), t(bool(disk.sparse) ? 'yes' : 'no')],
        [t('field.content'), word('content', disk.content_type ?? 'data')],
        [t('field.storageDomain'), <RefLink key="s" kind="storage_domain" to={disk.storage_domains?.storage_domain?.[0]} />],
        [t('disk.usedBy'), vms.length === 0 ? undefined : vms.map((vm) => <RefLink key={vm.id} kind="vm" to={vm} />)],
        [t('disk.shareable'), t(bool(disk.shareable) ? 'yes' : 'no')],
        [t('field.id'), disk.id],
      ]}
    />
  );
}

// The parts of the "create virtual machine" form that repeat: disks and NICs.
import { Alert, Button, Flex, FlexItem, FormFieldGroup, FormFieldGroupHeader, FormSection, Grid } from '@patternfly/react-core';
import { TrashIcon } from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { useTranslation } from 'react-i18next';
import {
  ChoiceField,
  choicesOf,
  formatBytes,
  int,
  NumberField,
  TextField,
  useAll,
  useWord,
  type Disk,
  type DiskInterface,
  type StorageDomain,
  type Cluster,
  type Network,
  type VnicProfile,
} from '@ferrovirt/portal-shared';
import { useDomainStatus } from '../storage/status';
import { DISK_INTERFACES, type NewDisk, type NewNic, type NewVm } from './newVm';

interface PartProps {
  form: NewVm;
  set(part: Partial<NewVm>): void;
  error: string | undefined;
}

const nextKey = (items: { key: number }[]): number => Math.max(0, ...items.map((item) => item.key)) + 1;

/** Domains that a new disk can stand on. */
export function useDiskDomains(): StorageDomain[] {
  const domains = useAll<StorageDomain>('storage_domain');
  const statusOf = useDomainStatus();
  return (domains.data ?? []).filter((domain) => domain.type === 'data' && statusOf(domain) === 'active');
}

export function DisksSection({ form, set, error }: PartProps) {
  const { t } = useTranslation();
  const domains = useDiskDomains();
  const change = (key: number, part: Partial<NewDisk>): void =>
    set({ disks: form.disks.map((disk) => (disk.key === key ? { ...disk, ...part } : disk)) });
  const add = (source: NewDisk['source']): void => {
    const disk: NewDisk = {
      key: nextKey(form.disks),
      source,
      name: '',
      sizeGib: 10,
      storageDomainId: domains[0]?.id ?? '',
      thin: true,
      diskId: '',
      interface: 'virtio_scsi',
    };
    set({ disks: [...form.disks, disk] });
  };
  return (
    <FormSection title={t('tab.disks')} titleElement="h2">
      {error && <Alert isInline variant="danger" component="p" title={error} />}
      {form.disks.map((disk, index) => (
        <FormFieldGroup
          key={disk.key}
          header={
            <FormFieldGroupHeader
              titleText={{ text: t(disk.source === 'new' ? 'vm.form.newDisk' : 'vm.form.existingDisk', { number: index + 1 }), id: `disk-${disk.key}-title` }}
              actions={<RemoveButton label={t('vm.form.removeDisk', { number: index + 1 })} onClick={() => set({ disks: form.disks.filter((other) => other.key !== disk.key) })} />}
            />
          }
        >
          {disk.source === 'new' ? (
            <NewDiskFields disk={disk} domains={domains} change={(part) => change(disk.key, part)} />
          ) : (
            <ExistingDiskFields disk={disk} taken={form.disks.map((other) => other.diskId)} change={(part) => change(disk.key, part)} />
          )}
        </FormFieldGroup>
      ))}
      <Flex>
        <FlexItem>
          <Button variant="secondary" onClick={() => add('new')}>
            {t('vm.form.addNewDisk')}
          </Button>
        </FlexItem>
        <FlexItem>
          <Button variant="secondary" onClick={() => add('existing')}>
            {t('vm.form.addExistingDisk')}
          </Button>
        </FlexItem>
      </Flex>
    </FormSection>
  );
}

function RemoveButton({ label, onClick }: { label: string; onClick(): void }) {
  return <Button variant="plain" aria-label={label} icon={<TrashIcon />} onClick={onClick} />;
}

function InterfaceField({ id, value, onChange }: { id: string; value: DiskInterface; onChange(value: DiskInterface): void }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <ChoiceField id={id} label={t('field.interface')} value={value} choices={DISK_INTERFACES.map((name) => ({ value: name, label: word('diskInterface', name) }))} onChange={onChange} />
  );
}

interface NewDiskProps {
  disk: NewDisk;
  domains: StorageDomain[];
  change(part: Partial<NewDisk>): void;
}

function NewDiskFields({ disk, domains, change }: NewDiskProps) {
  const { t } = useTranslation();
  const id = `disk-${disk.key}`;
  const provisioning = [
    { value: 'thin', label: t('disk.thin') },
    { value: 'full', label: t('disk.preallocated') },
  ];
  return (
    <Grid hasGutter md={6}>
      <TextField id={`${id}-name`} label={t('field.name')} value={disk.name} onChange={(name) => change({ name })} placeholder={t('disk.namePlaceholder')} />
      <NumberField id={`${id}-size`} label={t('field.size')} value={disk.sizeGib} min={1} unit="GiB" onChange={(sizeGib) => change({ sizeGib })} />
      <ChoiceField
        id={`${id}-domain`}
        label={t('field.storageDomain')}
        value={disk.storageDomainId}
        choices={domains.map((domain) => ({ value: domain.id ?? '', label: t('disk.domainFree', { name: domain.name, free: formatBytes(int(domain.available)) }) }))}
        onChange={(storageDomainId) => change({ storageDomainId })}
        required
      />
      <ChoiceField id={`${id}-provisioning`} label={t('disk.provisioning')} value={disk.thin ? 'thin' : 'full'} choices={provisioning} onChange={(value) => change({ thin: value === 'thin' })} />
      <InterfaceField id={`${id}-interface`} value={disk.interface} onChange={(value) => change({ interface: value })} />
    </Grid>
  );
}

/** Disks that no machine uses, or that several may share. */
export function useFreeDisks(): Disk[] {
  const disks = useAll<Disk>('disk');
  return (disks.data ?? []).filter(
    (disk) => disk.content_type !== 'ovf_store' && disk.status !== 'locked' && ((disk.vms?.vm ?? []).length === 0 || disk.shareable === 'true'),
  );
}

function ExistingDiskFields({ disk, taken, change }: { disk: NewDisk; taken: string[]; change(part: Partial<NewDisk>): void }) {
  const { t } = useTranslation();
  const free = useFreeDisks().filter((candidate) => candidate.id === disk.diskId || !taken.includes(candidate.id ?? ''));
  const id = `disk-${disk.key}`;
  return (
    <Grid hasGutter md={6}>
      <ChoiceField
        id={`${id}-existing`}
        label={t('field.disk')}
        value={disk.diskId}
        choices={free.map((candidate) => ({ value: candidate.id ?? '', label: `${candidate.alias ?? candidate.name ?? ''} (${formatBytes(int(candidate.provisioned_size))})` }))}
        onChange={(diskId) => change({ diskId })}
        required
        hint={free.length === 0 ? t('vm.form.noFreeDisk') : undefined}
      />
      <InterfaceField id={`${id}-interface`} value={disk.interface} onChange={(value) => change({ interface: value })} />
    </Grid>
  );
}

/** The vNIC profiles that a machine of this cluster may use, which are those of its data centre, as "profile (network)". */
export function useProfileChoices(clusterId: string | undefined) {
  const profiles = useAll<VnicProfile>('vnic_profile');
  const networks = useAll<Network>('network');
  const clusters = useAll<Cluster>('cluster');
  const dataCenter = clusters.data?.find((cluster) => cluster.id === clusterId)?.data_center?.id;
  const networkOf = (profile: VnicProfile) => networks.data?.find((network) => network.id === profile.network?.id);
  const usable = profiles.data?.filter((profile) => !dataCenter || networkOf(profile)?.data_center?.id === dataCenter);
  return choicesOf(usable).map((choice) => {
    const profile = usable?.find((candidate) => candidate.id === choice.value);
    const network = profile && networkOf(profile)?.name;
    return network && network !== choice.label ? { ...choice, label: `${choice.label} (${network})` } : choice;
  });
}

export function NicsSection({ form, set, error }: PartProps) {
  const { t } = useTranslation();
  const choices = useProfileChoices(form.clusterId);
  const change = (key: number, part: Partial<NewNic>): void =>
    set({ nics: form.nics.map((nic) => (nic.key === key ? { ...nic, ...part } : nic)) });
  const add = (): void => set({ nics: [...form.nics, { key: nextKey(form.nics), profileId: choices[0]?.value ?? '', interface: 'virtio' }] });
  return (
    <FormSection title={t('tab.nics')} titleElement="h2">
      {error && <Alert isInline variant="danger" component="p" title={error} />}
      {form.nics.map((nic, index) => (
        <Flex key={nic.key} alignItems={{ default: 'alignItemsFlexEnd' }}>
          <FlexItem flex={{ default: 'flex_1' }}>
            <ChoiceField
              id={`nic-${nic.key}-profile`}
              label={t('vm.form.nicProfile', { number: index + 1 })}
              value={nic.profileId}
              choices={choices}
              empty={t('vm.form.noProfile')}
              onChange={(profileId) => change(nic.key, { profileId })}
            />
          </FlexItem>
          <FlexItem>
            <RemoveButton label={t('vm.form.removeNic', { number: index + 1 })} onClick={() => set({ nics: form.nics.filter((other) => other.key !== nic.key) })} />
          </FlexItem>
        </Flex>
      ))}
      <Flex>
        <FlexItem>
          <Button variant="secondary" onClick={add}>
            {t('vm.form.addNic')}
          </Button>
        </FlexItem>
      </Flex>
    </FormSection>
  );
}

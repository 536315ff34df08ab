// The page of one virtual machine.
import { lazy, Suspense } from 'react';
import { Button, EmptyState, EmptyStateBody, Flex, FlexItem, Grid, GridItem, HelperText, HelperTextItem, Label, Progress, Stack, StackItem } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  bool,
  date,
  EntityPage,
  Facts,
  formatBytes,
  formatDate,
  guestAddresses,
  int,
  statistic,
  usePart,
  useRun,
  useWord,
  virtualCpus,
  vmIsRunning,
  vmRefusal,
  Waiting,
  type EntityTab,
  type Statistic,
  type Vm,
} from '@ferrovirt/portal-shared';
import { paths } from '../../paths';
import { RefLink } from '../links';
import { EventsTab, PermissionsTab } from '../parts';
import { useVmActions } from './actions';
import { DisksTab } from './DisksTab';
import { GuestTab } from './GuestTab';
import { NicsTab } from './NicsTab';
import { Uptime } from './Uptime';

const ConsoleScreen = lazy(() => import('@ferrovirt/portal-shared/console').then((module) => ({ default: module.ConsoleScreen })));

export function VmPage() {
  const { t } = useTranslation();
  const actions = useVmActions();
  const tabs: EntityTab<Vm>[] = [
    { key: 'general', title: t('tab.general'), render: (vm) => <GeneralTab vm={vm} /> },
    { key: 'disks', title: t('tab.disks'), render: (vm) => <DisksTab vm={vm} /> },
    { key: 'nics', title: t('tab.nics'), render: (vm) => <NicsTab vm={vm} /> },
    { key: 'guest', title: t('tab.guest'), render: (vm) => <GuestTab vm={vm} /> },
    { key: 'console', title: t('tab.console'), render: (vm) => <ConsoleTab vm={vm} /> },
    { key: 'events', title: t('tab.events'), render: (vm) => <EventsTab search={`_event_vm_id=${vm.id ?? ''}`} /> },
    { key: 'permissions', title: t('tab.permissions'), render: (vm) => <PermissionsTab kind="vm" id={vm.id ?? ''} /> },
  ];
  return (
    <EntityPage<Vm>
      kind="vm"
      listPath={paths.vms}
      listTitle={t('nav.vms')}
      statusArea="vm"
      tabs={tabs}
      actions={actions}
      extra={(vm) => (bool(vm.next_run_configuration_exists) ? <Label isCompact variant="outline" status="info">{t('vm.edit.pending')}</Label> : null)}
      banner={(vm) => (vm.status === 'migrating' ? <MigrationBanner vm={vm} /> : null)}
    />
  );
}

/** Says with the setting what it does not do by itself. */
function HighlyAvailable() {
  const { t } = useTranslation();
  return (
    <>
      {t('yes')}
      <HelperText>
        <HelperTextItem>{t('vm.haLimits')}</HelperTextItem>
      </HelperText>
    </>
  );
}

/** How far the memory has been copied, sampled each second while the machine moves. */
function MigrationBanner({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const run = useRun();
  const samples = usePart<Statistic>('vm', vm.id ?? '', 'statistics', 'statistic', { every: 1_000 });
  const share = statistic(samples.data, 'migration.progress') ?? 0;
  const cancel = (): void =>
    void run({
      subject: `vm/${vm.id ?? ''}`,
      title: t('vm.failed.cancelMigration', { name: vm.name }),
      perform: (client, options) => client.action(`vms/${vm.id ?? ''}/cancelmigration`, {}, options),
    });
  return (
    <Flex alignItems={{ default: 'alignItemsCenter' }}>
      <FlexItem flex={{ default: 'flex_1' }}>
        <Progress value={Math.round(share)} title={t('vm.migrating')} aria-label={t('vm.migrating')} />
      </FlexItem>
      <FlexItem>
        <Button variant="secondary" onClick={cancel}>
          {t('vm.action.cancelMigration')}
        </Button>
      </FlexItem>
    </Flex>
  );
}

function GeneralTab({ vm }: { vm: Vm }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const running = vmIsRunning(vm);
  return (
    <Grid hasGutter lg={6}>
      <GridItem>
        <Facts
          title={t('vm.section.system')}
          facts={[
            [t('field.memory'), formatBytes(int(vm.memory))],
            [t('field.guaranteedMemory'), formatBytes(int(vm.memory_policy?.guaranteed))],
            [t('field.cpus'), t('vm.topology', { count: virtualCpus(vm.cpu), sockets: vm.cpu?.topology?.sockets ?? '1', cores: vm.cpu?.topology?.cores ?? '1', threads: vm.cpu?.topology?.threads ?? '1' })],
            [t('field.os'), word('os', vm.os?.type)],
            [t('field.type'), word('vmType', vm.type)],
            [t('field.bios'), word('bios', vm.bios?.type)],
            [t('field.template'), <RefLink key="t" kind="template" to={vm.template} />],
            [t('field.deleteProtected'), t(bool(vm.delete_protected) ? 'yes' : 'no')],
            [t('field.ha'), bool(vm.high_availability?.enabled) ? <HighlyAvailable key="a" /> : t('no')],
            [t('field.created'), formatDate(date(vm.creation_time), i18n.language)],
            [t('field.id'), vm.id],
          ]}
        />
      </GridItem>
      <GridItem>
        <Stack hasGutter>
          <StackItem>
            <Facts
              title={t('vm.section.run')}
              facts={[
                [t('field.host'), running ? <RefLink key="h" kind="host" to={vm.host} /> : undefined],
                [t('field.cluster'), <RefLink key="c" kind="cluster" to={vm.cluster} />],
                [t('field.addresses'), guestAddresses(vm).join(', ') || undefined],
                [t('field.fqdn'), vm.fqdn],
                [t('field.uptime'), <Uptime key="u" vm={vm} />],
                [t('field.started'), formatDate(date(vm.start_time), i18n.language)],
                ...(vm.status === 'down'
                  ? ([[t('field.stopped'), formatDate(date(vm.stop_time), i18n.language)], [t('field.stopReason'), vm.stop_reason]] as [string, string | undefined][])
                  : []),
              ]}
            />
          </StackItem>
          {running && (
            <StackItem>
              <Usage vm={vm} />
            </StackItem>
          )}
        </Stack>
      </GridItem>
    </Grid>
  );
}

/** What the machine uses now. Samples are asked for every few seconds: they are no changes of state. */
function Usage({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const samples = usePart<Statistic>('vm', vm.id ?? '', 'statistics', 'statistic', { every: vm.status === 'migrating' ? 1_000 : 5_000 });
  const cpu = statistic(samples.data, 'cpu.current.total');
  // No guest uses no memory: zero is what stands there before the first figure.
  const used = statistic(samples.data, 'memory.used') || undefined;
  const installed = statistic(samples.data, 'memory.installed') ?? int(vm.memory);
  const network = statistic(samples.data, 'network.current.total');
  const bar = (label: string, share: number | undefined) => (
    <Progress key={label} aria-label={label} value={share === undefined ? 0 : Math.round(Math.min(100, share))} label={share === undefined ? '–' : `${Math.round(share)} %`} size="sm" />
  );
  return (
    <Facts
      title={t('vm.section.usage')}
      facts={[
        [t('field.cpuUse'), bar(t('field.cpuUse'), cpu)],
        [t('field.memoryUse'), bar(t('field.memoryUse'), used !== undefined && installed ? (used / installed) * 100 : undefined)],
        [t('field.networkUse'), bar(t('field.networkUse'), network)],
      ]}
    />
  );
}

function ConsoleTab({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const refusal = vmRefusal(vm, 'console');
  if (refusal) {
    return (
      <EmptyState titleText={t('console.disconnected')} headingLevel="h2">
        <EmptyStateBody>{t(refusal)}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <ConsoleScreen vmId={vm.id ?? ''} name={vm.name ?? ''} />
    </Suspense>
  );
}

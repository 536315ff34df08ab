// What the guest agent reports: operating system, addresses, users, applications. All of it is text from inside the guest
// and shown as text.
import { Grid, GridItem, Stack, StackItem, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import {
  Facts,
  formatBytes,
  PartTable,
  statistics,
  usePart,
  versionText,
  vmIsRunning,
  type Application,
  type Column,
  type ReportedDevice,
  type Session,
  type Statistic,
  type Vm,
} from '@ferrovirt/portal-shared';

export function GuestTab({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const id = vm.id ?? '';
  return (
    <Grid hasGutter lg={6}>
      <GridItem>
        <SystemFacts vm={vm} />
      </GridItem>
      <GridItem>
        <MemoryFacts vm={vm} />
      </GridItem>
      <GridItem>
        <Section title={t('guest.devices')}>
          <Devices id={id} />
        </Section>
      </GridItem>
      <GridItem>
        <Section title={t('guest.sessions')}>
          <Sessions id={id} />
        </Section>
      </GridItem>
      <GridItem lg={12}>
        <Section title={t('guest.applications')}>
          <Applications id={id} />
        </Section>
      </GridItem>
    </Grid>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack hasGutter>
      <StackItem>
        <Title headingLevel="h2" size="lg">
          {title}
        </Title>
      </StackItem>
      <StackItem>{children}</StackItem>
    </Stack>
  );
}

function SystemFacts({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const system = vm.guest_operating_system;
  const zone = vm.guest_time_zone;
  return (
    <Facts
      title={t('guest.system')}
      facts={[
        [t('field.fqdn'), vm.fqdn],
        [t('guest.distribution'), [system?.distribution, versionText(system?.version), system?.codename && `(${system.codename})`].filter(Boolean).join(' ')],
        [t('guest.family'), system?.family],
        [t('guest.kernel'), versionText(system?.kernel?.version)],
        [t('guest.architecture'), system?.architecture],
        [t('guest.timeZone'), [zone?.name, zone?.utc_offset].filter(Boolean).join(' ')],
      ]}
    />
  );
}

function MemoryFacts({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const samples = usePart<Statistic>('vm', vm.id ?? '', 'statistics', 'statistic', { every: vmIsRunning(vm) ? 10_000 : undefined });
  const values = statistics(samples.data);
  // A machine has no figures before its guest's first ones: zeros would be untrue.
  const known = (values.get('memory.used') ?? 0) + (values.get('memory.free') ?? 0) > 0;
  const bytes = (name: string): string => formatBytes(known ? values.get(name) : undefined);
  return (
    <Facts
      title={t('guest.memory')}
      facts={[
        [t('guest.memoryInstalled'), formatBytes(values.get('memory.installed'))],
        [t('guest.memoryUsed'), bytes('memory.used')],
        [t('guest.memoryFree'), bytes('memory.free')],
        [t('guest.memoryCached'), bytes('memory.cached')],
        [t('guest.memoryBuffered'), bytes('memory.buffered')],
      ]}
    />
  );
}

function Devices({ id }: { id: string }) {
  const { t } = useTranslation();
  const devices = usePart<ReportedDevice>('vm', id, 'reporteddevices', 'reported_device');
  const columns: Column<ReportedDevice>[] = [
    { key: 'name', title: t('field.device'), sort: 'name', render: (device) => device.name ?? '–', value: (device) => device.name },
    { key: 'mac', title: t('field.mac'), long: 'nowrap', render: (device) => device.mac?.address ?? '–' },
    { key: 'addresses', title: t('field.addresses'), long: 'wrap', render: (device) => (device.ips?.ip ?? []).map((ip) => ip.address).join(', ') || '–' },
  ];
  return <PartTable label={t('guest.devices')} query={devices} columns={columns} sort="name" />;
}

function Sessions({ id }: { id: string }) {
  const { t } = useTranslation();
  const sessions = usePart<Session>('vm', id, 'sessions', 'session');
  const columns: Column<Session>[] = [
    { key: 'user', title: t('field.user'), render: (session) => session.user?.user_name ?? session.user?.name ?? '–', value: (session) => session.user?.user_name },
    { key: 'protocol', title: t('guest.protocol'), render: (session) => session.protocol ?? '–' },
    { key: 'from', title: t('guest.from'), render: (session) => session.ip?.address ?? '–' },
  ];
  return <PartTable label={t('guest.sessions')} query={sessions} columns={columns} />;
}

function Applications({ id }: { id: string }) {
  const { t } = useTranslation();
  const applications = usePart<Application>('vm', id, 'applications', 'application');
  const columns: Column<Application>[] = [
    { key: 'name', title: t('field.name'), sort: 'name', render: (application) => application.name ?? '–', value: (application) => application.name },
  ];
  return <PartTable label={t('guest.applications')} query={applications} columns={columns} sort="name" />;
}

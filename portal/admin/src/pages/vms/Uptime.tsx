// How long a machine has been running, in a cell or beside a fact; it goes on while the page is open.
import { useTranslation } from 'react-i18next';
import { date, formatDuration, MINUTE, useNow, vmIsRunning, type Vm } from '@ferrovirt/portal-shared';

/** In whole minutes: seconds would be wrong until the clock's next tick. */
export function Uptime({ vm }: { vm: Vm }) {
  const { t } = useTranslation();
  const now = useNow(MINUTE);
  const start = date(vm.start_time);
  if (!start || !vmIsRunning(vm)) return <>–</>;
  const minutes = Math.floor((now - start.getTime()) / MINUTE);
  return <>{minutes < 1 ? t('vm.justStarted') : formatDuration(minutes * MINUTE)}</>;
}

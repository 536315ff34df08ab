// A state as a coloured label with its word; the colour never speaks alone.
import { Label, type LabelProps } from '@patternfly/react-core';
import { InProgressIcon } from '@patternfly/react-icons/dist/esm/icons/in-progress-icon';
import { OffIcon } from '@patternfly/react-icons/dist/esm/icons/off-icon';
import { PauseCircleIcon } from '@patternfly/react-icons/dist/esm/icons/pause-circle-icon';
import { WrenchIcon } from '@patternfly/react-icons/dist/esm/icons/wrench-icon';
import { useWord } from '../i18n/status';

export type StatusTone = 'good' | 'bad' | 'warning' | 'busy' | 'off' | 'paused' | 'maintenance';

const GOOD = new Set(['up', 'ok', 'active', 'operational', 'finished', 'normal']);
const BAD = new Set(['error', 'illegal', 'non_responsive', 'non_operational', 'not_operational', 'install_failed', 'failed', 'alert', 'problematic']);
const WARNING = new Set(['unknown', 'not_responding', 'inactive', 'mixed', 'warning', 'aborted', 'pending_approval', 'unattached', 'contend']);
const OFF = new Set(['down', 'unassigned', 'uninitialized']);
const PAUSED = new Set(['paused', 'suspended']);

/** What a state means to the eye. States that are on their way to another are "busy". */
export function toneOf(status: string | undefined): StatusTone {
  const value = status ?? 'unknown';
  if (GOOD.has(value)) return 'good';
  if (BAD.has(value)) return 'bad';
  if (WARNING.has(value)) return 'warning';
  if (OFF.has(value)) return 'off';
  if (PAUSED.has(value)) return 'paused';
  return value === 'maintenance' ? 'maintenance' : 'busy';
}

const LOOK: Record<StatusTone, LabelProps> = {
  good: { status: 'success' },
  bad: { status: 'danger' },
  warning: { status: 'warning' },
  busy: { color: 'blue', icon: <InProgressIcon /> },
  off: { color: 'grey', icon: <OffIcon /> },
  paused: { color: 'grey', icon: <PauseCircleIcon /> },
  maintenance: { color: 'purple', icon: <WrenchIcon /> },
};

export function StatusLabel({ area, status }: { area: string; status: string | undefined }) {
  const word = useWord();
  return (
    <Label isCompact variant="outline" {...LOOK[toneOf(status)]}>
      {word(area, status)}
    </Label>
  );
}

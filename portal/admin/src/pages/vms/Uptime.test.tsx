// The uptime of a machine goes on while nothing else on the page changes.
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { MINUTE, type Vm } from '@ferrovirt/portal-shared';
import { Uptime } from './Uptime';

const START = Date.UTC(2026, 0, 1);

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('grows while the page is open', () => {
  vi.useFakeTimers({ now: START + 30_000, toFake: ['Date', 'setInterval', 'clearInterval'] });
  const vm: Vm = { status: 'up', start_time: START };
  const { container } = render(<Uptime vm={vm} />);
  expect(container.textContent).toBe('vm.justStarted');
  act(() => void vi.advanceTimersByTime(61 * MINUTE));
  expect(container.textContent).toBe('1 h 1 min');
});

it('says nothing of a machine that is down', () => {
  expect(render(<Uptime vm={{ status: 'down', start_time: START }} />).container.textContent).toBe('–');
});

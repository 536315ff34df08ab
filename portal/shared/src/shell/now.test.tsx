// The clock that pages share.
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MINUTE, useNow } from './now';

const START = Date.UTC(2026, 0, 1);

beforeEach(() => vi.useFakeTimers({ now: START, toFake: ['Date', 'setInterval', 'clearInterval'] }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Minutes() {
  return <i>{(useNow(MINUTE) - START) / MINUTE}</i>;
}

it('goes on while a page is open, with one timer for all who look at it', () => {
  vi.setSystemTime(START + 5 * MINUTE);
  const { container, unmount } = render(<><Minutes /><Minutes /></>);
  const shown = () => [...container.querySelectorAll('i')].map((cell) => cell.textContent);
  expect(shown()).toEqual(['5', '5']);
  expect(vi.getTimerCount()).toBe(1);
  act(() => void vi.advanceTimersByTime(MINUTE));
  expect(shown()).toEqual(['6', '6']);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});

it('is right again after nobody looked at it', () => {
  vi.setSystemTime(START + 100 * MINUTE);
  expect(render(<Minutes />).container.textContent).toBe('100');
});

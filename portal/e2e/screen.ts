// Looks at the console's canvas: how many colours it shows, and how much of it has changed. Knows nothing of what it shows.
import { expect, type Page } from '@playwright/test';

/** Colours on the canvas, counted up to a few: one means that nothing is shown. */
export function colours(page: Page): Promise<number> {
  return page.locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const seen = new Set<number>();
    for (let index = 0; index + 2 < data.length && seen.size < 8; index += 4) {
      seen.add(((data[index] ?? 0) << 16) | ((data[index + 1] ?? 0) << 8) | (data[index + 2] ?? 0));
    }
    return seen.size;
  });
}

/** Remembers the picture, for `changed`. */
export function remember(page: Page): Promise<void> {
  return page.locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    (window as { before?: ImageData | undefined }).before = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
  });
}

/** Pixels that differ from the remembered picture. */
export function changed(page: Page): Promise<number> {
  return page.locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const before = (window as { before?: ImageData | undefined }).before?.data ?? new Uint8ClampedArray();
    const now = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    let count = Math.abs(now.length - before.length) / 4;
    for (let index = 0; index + 2 < Math.min(now.length, before.length); index += 4) {
      if (now[index] !== before[index] || now[index + 1] !== before[index + 1] || now[index + 2] !== before[index + 2]) count += 1;
    }
    return count;
  });
}

/** A cursor that blinks is smaller than this, a line of text larger, pixels. */
const MORE_THAN_A_CURSOR = 400;

/** Types a command into the guest and waits until the guest has shown something for it. */
export async function type(page: Page, command: string): Promise<void> {
  await remember(page);
  await page.locator('canvas').click();
  await page.keyboard.type(command, { delay: 40 });
  await page.keyboard.press('Enter');
  await expect.poll(() => changed(page)).toBeGreaterThan(MORE_THAN_A_CURSOR);
}

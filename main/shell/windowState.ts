/** Where the window was when it was closed, kept on a display that is still there. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const windowStateSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().min(1),
  height: z.number().min(1),
  isMaximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export const smallestSize = { width: 900, height: 600 } as const;
const firstSize = { width: 1440, height: 900 } as const;
/** Points of the window's top edge that must lie on a display, so that it can be taken hold of. */
const grip = 120;

/** null: none was kept, or it is not readable. */
export function readWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.partial`, JSON.stringify(state));
  renameSync(`${file}.partial`, file);
}

/**
 * Bounds for the window: the kept ones where enough of them lies on one of `displays` (their work areas), else the
 * first size without a place, which centres it.
 */
export function placeWindow(
  kept: WindowState | null,
  displays: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (!kept) return { ...firstSize };
  const width = Math.max(smallestSize.width, Math.round(kept.width));
  const height = Math.max(smallestSize.height, Math.round(kept.height));
  const x = Math.round(kept.x);
  const y = Math.round(kept.y);
  const isReachable = displays.some(
    (area) =>
      Math.min(x + width, area.x + area.width) - Math.max(x, area.x) >= grip &&
      y >= area.y &&
      y <= area.y + area.height - grip,
  );
  return isReachable ? { x, y, width, height } : { width, height };
}

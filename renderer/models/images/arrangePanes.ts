/** How panes of one image's versions stand in a room: in so many columns that they are as large as possible. */

import type { Size } from './viewport.ts';

/** Taken by the name above each pane and the gaps between them, pixels. */
const nameHeight = 24;
const gap = 8;

export function countColumns(panes: number, image: Size, room: Size): number {
  const scaleOf = (columns: number) => {
    const rows = Math.ceil(panes / columns);
    const width = (room.width - (columns - 1) * gap) / columns;
    const height = (room.height - (rows - 1) * gap) / rows - nameHeight;
    return Math.min(width / image.width, height / image.height);
  };
  const possible = Array.from({ length: Math.max(1, panes) }, (_, index) => index + 1);
  return possible.reduce((best, columns) => (scaleOf(columns) > scaleOf(best) ? columns : best));
}

/** Data in Markdown. */

import { printable } from './printable.ts';

/** Names and paths are data: they may neither break a table nor become markup. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
}

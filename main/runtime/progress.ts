/** Progress for people, on stderr, because stdout belongs to the command that follows. */

import { canRedrawLines, clearLine, redrawnLine } from '../../shared/text/terminalText.ts';

/** Prints one line. */
export function printLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line that is updated in place at a terminal; elsewhere only its first and last state are printed. */
export interface ProgressLine {
  update(text: string): void;
  end(text: string): void;
}

/** Starts a progress line with `label`. */
export function beginProgress(label: string): ProgressLine {
  const canRedraw = canRedrawLines(process.stderr, process.env);
  const write = (text: string): void => void process.stderr.write(text);
  const redraw = (text: string): void => write(redrawnLine(`      ${label} ${text}`, process.stderr));
  if (canRedraw) redraw('…');
  else printLine(`      ${label} …`);
  return {
    update: (text) => void (canRedraw && redraw(text)),
    end: (text) => write(`${canRedraw ? clearLine : ''}      ${label} ${text}\n`),
  };
}

/** Formats bytes as megabytes, such as `274 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

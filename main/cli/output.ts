/** Where a command's words go: results on stdout, everything else on stderr. With --json stdout carries JSON only. */

import {
  canRedrawLines,
  clearLine,
  redrawnLine,
  type TerminalStream,
} from '../../shared/pure/terminalText.ts';

/** Milliseconds between two states of a line that is redrawn, and between plain lines in a pipe or a dumb terminal. */
const redrawInterval = 200;
const plainInterval = 5000;

export interface Output {
  readonly isJson: boolean;
  /** A result for people; silent with --json. */
  text(text: string): void;
  /** A result for programs: one JSON value on one line; silent without --json. */
  json(value: unknown): void;
  /** A help text: on stdout, with --json on stderr. */
  help(text: string): void;
  /** A remark on stderr. */
  note(text: string): void;
  /** A line on stderr that the next one replaces. */
  progress(text: string): void;
}

export interface OutputStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: TerminalStream & { write(text: string): unknown };
}

export function createOutput(
  isJson: boolean,
  streams: OutputStreams = process,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Output {
  const { stdout, stderr } = streams;
  const canRedraw = canRedrawLines(stderr, variables);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isLineOpen = false;
  const closeLine = () => {
    if (isLineOpen) stderr.write(clearLine);
    isLineOpen = false;
  };
  return {
    isJson,
    text(text) {
      if (isJson) return;
      closeLine();
      stdout.write(`${text}\n`);
    },
    help(text) {
      (isJson ? stderr : stdout).write(`${text}\n`);
    },
    json(value) {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      closeLine();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      const now = performance.now();
      if (now - drawnAt < (canRedraw ? redrawInterval : plainInterval)) return;
      drawnAt = now;
      stderr.write(canRedraw ? redrawnLine(text, stderr) : `${text}\n`);
      isLineOpen = canRedraw;
    },
  };
}

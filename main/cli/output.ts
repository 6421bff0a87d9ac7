/** Where a command's words go: results on stdout, everything else on stderr. With --json stdout carries JSON only. */

/** Terminal lines are redrawn at most this often, in milliseconds; log lines of a pipe far less often. */
const redrawInterval = 200;
const pipeInterval = 5000;

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
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
}

export function createOutput(isJson: boolean, streams: OutputStreams = process): Output {
  const { stdout, stderr } = streams;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isLineOpen = false;
  const closeLine = () => {
    if (isLineOpen) stderr.write('\r\x1b[2K');
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
      if (now - drawnAt < (stderr.isTTY ? redrawInterval : pipeInterval)) return;
      drawnAt = now;
      const width = (stderr.columns ?? 120) - 1;
      stderr.write(stderr.isTTY ? `\r\x1b[2K${text.slice(0, width)}` : `${text}\n`);
      isLineOpen = stderr.isTTY ?? false;
    },
  };
}

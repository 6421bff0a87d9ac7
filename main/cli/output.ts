/** Where a command's words go: results on stdout, everything else on stderr. With --json stdout carries JSON only. */

import { once } from 'node:events';
import { Writable } from 'node:stream';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import {
  canRedrawLines,
  clearLine,
  redrawnLine,
  type TerminalStream,
} from '../../shared/text/terminalText.ts';

/** Milliseconds between two states of a line that is redrawn, and between plain lines in a pipe or a dumb terminal. */
const redrawInterval = 200;
const plainInterval = 5000;

export interface Output {
  readonly isJson: boolean;
  /** A result for people; silent with --json. */
  text(text: string): void;
  /** A result for programs: one JSON value on one line; silent without --json. */
  json(value: unknown): void;
  /**
   * A JSON object on one line, written field by field: a generator's values are the elements of an array and written one
   * by one, no faster than they are read. Silent without --json.
   */
  jsonFields(fields: Readonly<Record<string, unknown>>): Promise<void>;
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
      if (isJson) stdout.write(`${stringifyJson(value)}\n`);
    },
    async jsonFields(fields) {
      if (!isJson) return;
      for (const text of collect(serialize(fields))) {
        if (!(await writeSlowly(stdout, text))) return;
      }
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

/** Characters that are written at once. */
const piece = 65_536;

function* serialize(fields: Readonly<Record<string, unknown>>): Generator<string> {
  let before = '{';
  for (const [name, value] of Object.entries(fields)) {
    yield `${before}${JSON.stringify(name)}:`;
    before = ',';
    if (!isGenerator(value)) {
      yield stringifyJson(value);
      continue;
    }
    yield '[';
    let comma = '';
    for (const element of value) {
      yield comma + stringifyJson(element);
      comma = ',';
    }
    yield ']';
  }
  yield before === '{' ? '{}\n' : '}\n';
}

function isGenerator(value: unknown): value is Generator {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

/** Short texts as a few long ones. */
function* collect(texts: Iterable<string>): Generator<string> {
  let collected = '';
  for (const text of texts) {
    collected += text;
    if (collected.length < piece) continue;
    yield collected;
    collected = '';
  }
  yield collected;
}

/** Whether the stream takes more, once it does. */
async function writeSlowly(stream: OutputStreams['stdout'], text: string): Promise<boolean> {
  if (stream.write(text) !== false || !(stream instanceof Writable)) return true;
  const ended = new AbortController();
  const until = (event: string) => once(stream, event, { signal: ended.signal });
  // What goes wrong with the output is noticed by whoever listens to its errors.
  await Promise.race([until('drain'), until('close')]).catch(() => undefined);
  ended.abort();
  return stream.writable;
}

/** The output of a command: results on stdout, everything else on stderr. With --json, stdout carries only JSON. */

import { once } from 'node:events';
import { Writable } from 'node:stream';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import {
  canRedrawLines,
  clearLine,
  redrawnLine,
  type TerminalStream,
} from '../../shared/text/terminalText.ts';

/** Milliseconds between updates of a redrawn line, and between plain lines in a pipe or a dumb terminal. */
const redrawInterval = 200;
const plainInterval = 5000;

export interface Output {
  readonly isJson: boolean;
  /** Prints a result for people; silent with --json. */
  text(text: string): void;
  /** Prints a result for programs as one JSON value on one line; silent without --json. */
  json(value: unknown): void;
  /**
   * Prints a JSON object on one line, field by field. The values of a generator become an array and are written one by one,
   * no faster than the reader takes them. Silent without --json.
   */
  jsonFields(fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Prints a help text to stdout, or to stderr with --json. */
  help(text: string): void;
  /** Prints a remark to stderr. */
  note(text: string): void;
  /** Prints a line to stderr that the next one replaces. */
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

/** Characters written at once. */
const chunkLength = 65_536;

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

/** Joins short texts into longer ones. */
function* collect(texts: Iterable<string>): Generator<string> {
  let collected = '';
  for (const text of texts) {
    collected += text;
    if (collected.length < chunkLength) continue;
    yield collected;
    collected = '';
  }
  yield collected;
}

/** Writes and waits until the stream takes more. Returns false once it is closed. */
async function writeSlowly(stream: OutputStreams['stdout'], text: string): Promise<boolean> {
  if (stream.write(text) !== false || !(stream instanceof Writable)) return true;
  const ended = new AbortController();
  const until = (event: string) => once(stream, event, { signal: ended.signal });
  // Errors of the stream are handled by its own listeners.
  await Promise.race([until('drain'), until('close')]).catch(() => undefined);
  ended.abort();
  return stream.writable;
}

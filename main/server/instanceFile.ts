/** One server for a data folder: a file in it that names the process at work, and what a second start needs to know. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { identifyThisProcess, lookUpProcess } from '../store/processIdentity.ts';

/** The server at work in a data folder. */
export interface Instance {
  readonly pid: number;
  readonly processStart: string | null;
  readonly bootId: string | null;
  /** null until it listens. */
  readonly port: number | null;
  /** Whoever may read this file may ask for a link. */
  readonly linkKey: string;
}

export interface HeldInstance {
  readonly linkKey: string;
  /** Tells later starts where this server listens. */
  publish(port: number): void;
  release(): void;
}

/** Only the user may read it. */
const mode = 0o600;
/** Milliseconds a start may take between making the file and listening. */
const startLimit = 15_000;

/** Takes the data folder for this process, or answers which one has it. A dead one's file is taken over. */
export function takeInstance(dataFolder: string): HeldInstance | Instance {
  const file = instanceFile(dataFolder);
  const { pid, processStart, bootId } = identifyThisProcess();
  const own: Instance = {
    pid,
    processStart,
    bootId,
    port: null,
    linkKey: randomBytes(32).toString('base64url'),
  };
  for (;;) {
    if (tryWrite(file, JSON.stringify(own))) return hold(file, own);
    const text = readText(file);
    const other = text === null ? null : parse(text);
    if (other && isLive(other, own)) return other;
    if (text !== null) bury(file, text);
  }
}

export function isHeld(instance: HeldInstance | Instance): instance is HeldInstance {
  return 'release' in instance;
}

/**
 * A new link to the server at work; waits while it starts.
 * @throws Error when it does not answer.
 */
export async function askForLink(dataFolder: string, instance: Instance): Promise<string> {
  for (let waited = 0; waited < startLimit; waited += 200) {
    const { port, linkKey } = parse(readText(instanceFile(dataFolder)) ?? '') ?? instance;
    if (port !== null) return await requestLink({ ...instance, port, linkKey });
    await setTimeout(200);
  }
  throw silent(instance);
}

async function requestLink(instance: Instance & { readonly port: number }): Promise<string> {
  const origin = `http://127.0.0.1:${instance.port}`;
  try {
    const response = await fetch(`${origin}/link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${instance.linkKey}`, origin },
      signal: AbortSignal.timeout(5000),
    });
    const { token } = (await response.json()) as { token: string };
    return `${origin}/?token=${token}`;
  } catch (error) {
    throw silent(instance, error);
  }
}

function silent({ pid }: Instance, cause?: unknown): Error {
  const message = `Process ${pid} serves this data folder, but it does not answer. End it, then start again; or give another folder with --data-dir.`;
  return new Error(message, { cause });
}

function instanceFile(dataFolder: string): string {
  return join(dataFolder, 'server.json');
}

function hold(file: string, own: Instance): HeldInstance {
  return {
    linkKey: own.linkKey,
    publish(port) {
      const partial = `${file}.${own.pid}`;
      writeFileSync(partial, JSON.stringify({ ...own, port }), { mode });
      renameSync(partial, file);
    },
    release() {
      // After a long sleep of the machine the file may be another's.
      if (parse(readText(file) ?? '')?.linkKey === own.linkKey) rmSync(file, { force: true });
    },
  };
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if (existsSync(file)) return false;
    throw error;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** null for a file that was cut off: its writer died. */
function parse(text: string): Instance | null {
  try {
    const value = JSON.parse(text) as Partial<Instance> | null;
    return typeof value?.pid === 'number' && typeof value.linkKey === 'string' ? (value as Instance) : null;
  } catch {
    return null;
  }
}

function isLive(other: Instance, own: Instance): boolean {
  if (other.bootId !== null && own.bootId !== null && other.bootId !== own.bootId) return false;
  const { isAlive, processStart } = lookUpProcess(other.pid);
  return isAlive && (other.processStart === null || other.processStart === processStart);
}

/** A rename succeeds for one of several starts only; what it caught may be the file of a faster one. */
function bury(file: string, text: string): void {
  const grave = `${file}.dead-${process.pid}`;
  try {
    renameSync(file, grave);
    if (readFileSync(grave, 'utf8') === text) rmSync(grave);
    else renameSync(grave, file);
  } catch (error) {
    if (existsSync(file) || existsSync(grave)) throw error;
  }
}

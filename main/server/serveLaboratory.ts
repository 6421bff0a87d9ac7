/** Opens the laboratory of a data folder and serves it, unless another process already does. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Laboratory, openLaboratory } from '../ipc/laboratory.ts';
import { type Log, openLog } from '../ipc/log.ts';
import type { LaboratoryOptions } from '../ipc/parts.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import {
  alreadyOpen,
  type Application,
  findApplication,
  type HeldDataFolder,
  isHeld,
  type ServerAddress,
  takeDataFolder,
} from '../store/applicationLock.ts';
import { type LabServer, startLabServer } from './labServer.ts';
import { cookieNameOf, readSessionKey } from './sessions.ts';

export interface ServeOptions {
  readonly dataFolder: string;
  readonly cacheFolder: string;
  readonly configFolder: string;
  /** The built page. */
  readonly pageFolder: string;
  readonly createHost: CreateHost;
  readonly version: string;
  /** null: the default port, or the next free one. */
  readonly port: number | null;
  /** How clusters are reached; default: through Slurm here or ssh. */
  readonly accessOf?: LaboratoryOptions['accessOf'];
}

export type Served =
  | {
      readonly kind: 'serving';
      readonly link: string;
      readonly port: number;
      readonly laboratory: Laboratory;
      close(): Promise<void>;
    }
  /** Another process serves this data folder; the link opens a session there. */
  | { readonly kind: 'running'; readonly link: string; readonly pid: number };

const defaultPort = 4780;
const portsTried = 20;

/**
 * @throws Error when the data folder is open in a window, the store cannot be opened, the page has not been built, or the
 * given port is taken.
 */
export async function serveLaboratory(options: ServeOptions): Promise<Served> {
  const { dataFolder } = options;
  const taken = await takeDataFolder(dataFolder, 'server');
  if (!isHeld(taken)) {
    if (taken.kind === 'window') throw alreadyOpen(dataFolder, taken);
    return { kind: 'running', link: await requestLink(dataFolder, taken), pid: taken.pid };
  }
  try {
    return await open(options, taken);
  } catch (error) {
    taken.release();
    throw error;
  }
}

async function open(options: ServeOptions, held: HeldDataFolder): Promise<Served> {
  const log = openLog(join(options.configFolder, 'logs'));
  const laboratory = await openLaboratory({ ...options, mode: 'browser', desktop: null, log });
  const linkKey = randomBytes(32).toString('base64url');
  try {
    const server = await listen(options, { laboratory, linkKey, log });
    held.publish({ port: server.port, linkKey });
    const close = async () => {
      await server.close();
      await laboratory.close();
      held.release();
    };
    return { kind: 'serving', link: server.createLink(), port: server.port, laboratory, close };
  } catch (error) {
    await laboratory.close();
    throw error;
  }
}

async function listen(
  { dataFolder, pageFolder, port }: ServeOptions,
  parts: { laboratory: Laboratory; linkKey: string; log: Log },
): Promise<LabServer> {
  const sessionKey = readSessionKey(dataFolder);
  const options = { ...parts, pageFolder, sessionKey, cookieName: cookieNameOf(sessionKey) };
  const last = defaultPort + portsTried - 1;
  for (let tried = port ?? defaultPort; ; tried++) {
    try {
      return await startLabServer({ ...options, port: tried });
    } catch (error) {
      if (!isTaken(error) || (port === null && tried > last)) throw error;
      if (port !== null) {
        throw new Error(
          `Port ${port} is taken by another program. Choose another one with --port, or leave it out for the next free one.`,
          { cause: error },
        );
      }
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Milliseconds that a server may take from locking the folder to listening. */
const startLimit = 15_000;

/**
 * Requests a new link from the server of the data folder; waits while that server starts.
 * @throws Error when it does not answer.
 */
export async function requestLink(dataFolder: string, found: Application): Promise<string> {
  let application = found;
  for (let waited = 0; waited < startLimit; waited += 200) {
    if (application.server) return await fetchLink(application.pid, application.server);
    await setTimeout(200);
    application = findApplication(dataFolder) ?? found;
  }
  throw noAnswer(found.pid);
}

async function fetchLink(pid: number, { port, linkKey }: ServerAddress): Promise<string> {
  const origin = `http://127.0.0.1:${port}`;
  try {
    const response = await fetch(`${origin}/link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${linkKey}`, origin },
      signal: AbortSignal.timeout(5000),
    });
    const { token } = (await response.json()) as { token: string };
    return `${origin}/?token=${token}`;
  } catch (error) {
    throw noAnswer(pid, error);
  }
}

function noAnswer(pid: number, cause?: unknown): Error {
  const message = `Process ${pid} serves this data folder, but it does not answer. End it and start again, or choose another folder with --data-dir.`;
  return new Error(message, { cause });
}

/** Opens the laboratory of a data folder and serves it, unless another process does already. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openLaboratory, type Laboratory } from '../ipc/laboratory.ts';
import { openLog, type Log } from '../ipc/log.ts';
import type { CreateHost } from '../jobs/computeHost.ts';
import { alreadyOpen, type HeldDataFolder, isHeld, takeDataFolder } from '../store/applicationLock.ts';
import { askForLink } from './askForLink.ts';
import { startLabServer, type LabServer } from './labServer.ts';
import { cookieNameOf, readSessionKey } from './sessionKey.ts';

export interface ServeOptions {
  readonly dataFolder: string;
  readonly cacheFolder: string;
  readonly configFolder: string;
  /** The built page. */
  readonly pageFolder: string;
  readonly createHost: CreateHost;
  readonly version: string;
  /** null: the usual one, or the next that is free. */
  readonly port: number | null;
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

const usualPort = 4780;
const portsTried = 20;

/**
 * @throws Error when the data folder is open in a window, the store cannot be opened, the page is not built, or the port
 * asked for is taken.
 */
export async function serveLaboratory(options: ServeOptions): Promise<Served> {
  const { dataFolder } = options;
  const taken = await takeDataFolder(dataFolder, 'server');
  if (!isHeld(taken)) {
    if (taken.kind === 'window') throw alreadyOpen(dataFolder, taken);
    return { kind: 'running', link: await askForLink(dataFolder, taken), pid: taken.pid };
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
  const last = usualPort + portsTried - 1;
  for (let tried = port ?? usualPort; ; tried++) {
    try {
      return await startLabServer({ ...options, port: tried });
    } catch (error) {
      if (!isTaken(error) || (port === null && tried > last)) throw error;
      if (port !== null) {
        throw new Error(
          `Port ${port} is taken by another program: give another one with --port, or none for the next that is free.`,
          { cause: error },
        );
      }
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

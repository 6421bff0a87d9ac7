/** Asks the server at work in a data folder for one more link. */

import { setTimeout } from 'node:timers/promises';
import { type Application, findApplication, type ServerAddress } from '../store/applicationLock.ts';

/** Milliseconds a server may take between taking the folder and listening. */
const startLimit = 15_000;

/**
 * A new link to the server that has the data folder; waits while it starts.
 * @throws Error when it does not answer.
 */
export async function askForLink(dataFolder: string, found: Application): Promise<string> {
  let application = found;
  for (let waited = 0; waited < startLimit; waited += 200) {
    if (application.server) return await requestLink(application.pid, application.server);
    await setTimeout(200);
    application = findApplication(dataFolder) ?? found;
  }
  throw silent(found.pid);
}

async function requestLink(pid: number, { port, linkKey }: ServerAddress): Promise<string> {
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
    throw silent(pid, error);
  }
}

function silent(pid: number, cause?: unknown): Error {
  const message = `Process ${pid} serves this data folder, but it does not answer. End it, then start again; or give another folder with --data-dir.`;
  return new Error(message, { cause });
}

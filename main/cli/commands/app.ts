/** lab app */

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describeError } from '../../../shared/text/describeError.ts';
import { forkHost } from '../../jobs/computeHost.ts';
import { buildDesktop, buildPage, pageFolder } from '../../runtime/buildApp.ts';
import { waitForExit } from '../../runtime/command.ts';
import { findElectron, hasDisplay } from '../../runtime/electron.ts';
import { nameConnection } from '../../runtime/networkProxy.mjs';
import { type EndRequest, forwardEnds, onEndRequest, requestedExitCode } from '../../runtime/processEnd.mjs';
import { type Served, serveLaboratory } from '../../server/serveLaboratory.ts';
import { findApplication } from '../../store/applicationLock.ts';
import { resolveConfigFolder } from '../../store/dataFolder.ts';
import { type CommandDefinition, readVersion } from '../command.ts';
import { cacheFolder, dataFolderOf } from '../labStore.ts';
import { flagOption, readFlag, readPort, valueOption } from '../options.ts';
import type { Output } from '../output.ts';

export const app: CommandDefinition = {
  usage: '[--browser] [--port N]',
  options: {
    browser: flagOption('Serve the page for a browser on this machine, and print its link.'),
    port: valueOption('N', 'Port of the page; implies --browser.', '4780, or the next free port'),
  },
  positionals: { min: 0, max: 0 },
  run: (invocation) => {
    const { values, output } = invocation;
    const port = readPort(values, 'port') ?? null;
    const isBrowser = readFlag(values, 'browser') || port !== null;
    return runApp({ dataFolder: dataFolderOf(invocation), isBrowser, port }, output);
  },
};

interface AppOptions {
  readonly dataFolder: string;
  /** Serve for a browser even if a window could be opened. */
  readonly isBrowser: boolean;
  readonly port: number | null;
}

type Serving = Extract<Served, { kind: 'serving' }>;

const root = resolve(import.meta.dirname, '../../..');
/** Milliseconds: if Electron fails earlier, it could not open its window. */
const startTime = 8000;
/** Milliseconds that closing may take after a second request to end. */
const closingTime = 2000;

/** Returns the exit code once the window is closed or Ctrl-C has ended the server. */
async function runApp(options: AppOptions, output: Output): Promise<number> {
  await buildPage(output.note);
  if (!options.isBrowser) {
    const problem = hasDisplay() ? await runDesktop(options, output) : 'there is no display';
    if (problem === null) return 0;
    output.note(`No window was opened, because ${problem}. The same page is served for your browser.`);
  }
  return await runServer(options, output);
}

/**
 * Returns why no window could be opened, or null after one was opened and closed.
 * @throws Error when Electron failed after its window was open.
 */
async function runDesktop({ dataFolder }: AppOptions, output: Output): Promise<string | null> {
  const other = findApplication(dataFolder);
  if (other?.kind === 'server') return `process ${other.pid} already serves the same data folder`;
  const electron = await findElectron();
  if ('reason' in electron)
    return `Electron could not be installed (${electron.reason}; check ${nameConnection()}; ELECTRON_MIRROR can name another source)`;
  try {
    await buildDesktop(output.note);
  } catch (error) {
    return `the desktop application could not be built (${describeError(error)})`;
  }
  const startedAt = performance.now();
  const child = spawn(electron.program, [root, '--data-dir', dataFolder], { stdio: windowStdio() });
  const release = endWindowOnRequest(child);
  const failure = await waitForExit(child);
  release();
  // A window that was requested to end has not failed.
  if (requestedExitCode() !== null) return null;
  if (failure === null) return null;
  if (performance.now() - startedAt < startTime) return `Electron ${failure} while starting`;
  throw new Error(
    `The window closed unexpectedly: Electron ${failure}. Start it again, or use the page in your browser: npm start -- --browser`,
  );
}

/** Windows has no signals: the window receives requests to end over a channel, because a signal would kill it at once. */
export function windowStdio(platform: NodeJS.Platform = process.platform): StdioOptions {
  return platform === 'win32' ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
}

/** The first request lets the window pause its runs and close; a second one kills it. */
export function endWindowOnRequest(
  child: ChildProcess,
  platform: NodeJS.Platform = process.platform,
): () => void {
  if (platform !== 'win32')
    return onEndRequest(({ isRepeated }) => void child.kill(isRepeated ? 'SIGKILL' : 'SIGTERM'));
  const stopForwarding = forwardEnds(child);
  const stopKilling = onEndRequest(({ isRepeated }) => void (isRepeated && child.kill('SIGKILL')));
  return () => {
    stopForwarding();
    stopKilling();
  };
}

async function runServer(options: AppOptions, output: Output): Promise<number> {
  // Registered before the link is printed, because Ctrl-C may be pressed from then on.
  const requests = awaitEndRequests();
  try {
    return await serve(options, { requests, output });
  } finally {
    requests.release();
  }
}

async function serve(
  { dataFolder, port }: AppOptions,
  { requests, output }: { requests: EndRequests; output: Output },
): Promise<number> {
  const served = await serveLaboratory({
    dataFolder,
    cacheFolder: cacheFolder(),
    configFolder: resolveConfigFolder(),
    pageFolder,
    createHost: forkHost,
    version: readVersion(),
    port,
  });
  const { kind, link } = served;
  output.json({ event: kind, link, ...(kind === 'serving' ? { port: served.port } : { pid: served.pid }) });
  if (kind === 'running') {
    output.text(`The laboratory of ${dataFolder} is already open in process ${served.pid}.`);
  }
  output.text(`\n  ${link}\n`);
  if (hasDisplay()) openBrowser(link);
  if (kind === 'running') return 0;
  output.text(describeServer(served.port));
  return await waitForEnd(served, { requests, output });
}

function describeServer(port: number): string {
  const tunnel = `ssh -L ${port}:127.0.0.1:${port} ${process.env.USER ?? 'user'}@this-machine`;
  return [
    'The link works in one browser; a second "npm start" prints another link.',
    ...(process.env.SSH_CONNECTION ? [`On your own machine, first run: ${tunnel}`] : []),
    'Ctrl-C pauses the running jobs and quits.',
  ].join('\n');
}

/**
 * Waits for a request to end, writes a checkpoint and closes. A second request ends at once; the newest checkpoint stays.
 * Returns the exit code.
 */
async function waitForEnd(
  served: Serving,
  { requests, output }: { requests: EndRequests; output: Output },
): Promise<number> {
  await requests.first;
  const endInOrder = async () => {
    if (served.laboratory.isBusy()) {
      output.note(
        'Pausing: writing a checkpoint. Press Ctrl-C again to quit at once and keep only the previous checkpoint.',
      );
      await Promise.race([served.laboratory.pauseAll(), requests.second]);
    }
    await served.close();
    return 0;
  };
  const endAtOnce = async () => {
    const { code } = await requests.second;
    await Promise.race([served.close(), setTimeout(closingTime)]);
    return code;
  };
  return await Promise.race([endInOrder(), endAtOnce()]);
}

interface EndRequests {
  readonly first: Promise<EndRequest>;
  /** The user does not want to wait. */
  readonly second: Promise<EndRequest>;
  release(): void;
}

function awaitEndRequests(): EndRequests {
  const first = Promise.withResolvers<EndRequest>();
  const second = Promise.withResolvers<EndRequest>();
  const release = onEndRequest((request) => (request.isRepeated ? second : first).resolve(request));
  return { first: first.promise, second: second.promise, release };
}

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Shows a link in the user's browser. Does nothing without one, as the link is printed too. */
function openBrowser(link: string): void {
  const [program, ...options] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...options, link], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** lab app */

import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describeError } from '../../../shared/text/describeError.ts';
import { forkHost } from '../../jobs/forkHost.ts';
import { buildDesktop, buildPage, pageFolder } from '../../runtime/buildApp.ts';
import { waitForExit } from '../../runtime/command.ts';
import { findElectron, hasDisplay } from '../../runtime/electron.ts';
import { nameConnection } from '../../runtime/networkProxy.mjs';
import { type EndRequest, onEndRequest, requestedExitCode } from '../../runtime/processEnd.mjs';
import { type Served, serveLaboratory } from '../../server/serveLaboratory.ts';
import { findApplication } from '../../store/applicationLock.ts';
import { resolveConfigFolder } from '../../store/dataFolder.ts';
import type { Command } from '../command.ts';
import { cacheFolder, dataFolderOf, readVersion } from '../labStore.ts';
import { flagOption, readFlag, readPort, valueOption } from '../options.ts';
import type { Output } from '../output.ts';

export const app: Command = {
  name: 'app',
  summary: 'The application: a window where there is a display, else the same page for your browser.',
  usage: '[--browser] [--port N]',
  options: {
    browser: flagOption('Serve the page for a browser, on this machine only, and print its link.'),
    port: valueOption('N', 'The port of the page, with --browser (default: 4780, or the next that is free).'),
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
  /** Served for a browser even where a window could be opened. */
  readonly isBrowser: boolean;
  readonly port: number | null;
}

type Serving = Extract<Served, { kind: 'serving' }>;

const root = resolve(import.meta.dirname, '../../..');
/** Milliseconds: an Electron that fails earlier could not open its window. */
const startTime = 8000;
/** Milliseconds that closing may take where somebody does not want to wait. */
const closingTime = 2000;

/** Returns the exit code once the window was closed, or Ctrl-C ended the server. */
async function runApp(options: AppOptions, output: Output): Promise<number> {
  await buildPage(output.note);
  if (!options.isBrowser) {
    const problem = hasDisplay() ? await runDesktop(options, output) : 'there is no display here';
    if (problem === null) return 0;
    output.note(`No window, because ${problem}: the same page is served for your browser.`);
  }
  return await runServer(options, output);
}

/**
 * @returns why no window could be opened, null when one was and is closed again.
 * @throws Error when Electron failed after its window was open.
 */
async function runDesktop({ dataFolder }: AppOptions, output: Output): Promise<string | null> {
  const other = findApplication(dataFolder);
  if (other?.kind === 'server') return `process ${other.pid} serves the same data folder already`;
  const electron = await findElectron();
  if ('reason' in electron)
    return `Electron cannot be had (${electron.reason}; check ${nameConnection()}; ELECTRON_MIRROR may name another source)`;
  try {
    await buildDesktop(output.note);
  } catch (error) {
    return `the desktop application cannot be built here (${describeError(error)})`;
  }
  const startedAt = performance.now();
  const child = spawn(electron.program, [root, '--data-dir', dataFolder], { stdio: 'inherit' });
  const release = endWindowOnRequest(child);
  const failure = await waitForExit(child);
  release();
  // A window that was asked to end has not failed.
  if (requestedExitCode() !== null) return null;
  if (failure === null) return null;
  if (performance.now() - startedAt < startTime) return `Electron ${failure} at its start`;
  throw new Error(
    `The window closed by itself: Electron ${failure}. Start it again, or use the page in your browser: npm start -- --browser`,
  );
}

/** The window pauses what it computes and closes; who does not want to wait ends it at once. */
function endWindowOnRequest(child: ChildProcess): () => void {
  return onEndRequest(({ isRepeated }) => void child.kill(isRepeated ? 'SIGKILL' : 'SIGTERM'));
}

async function runServer(options: AppOptions, output: Output): Promise<number> {
  // From before the link is shown: whoever sees it may press Ctrl-C.
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
    output.text(`The laboratory of ${dataFolder} is open already, in process ${served.pid}.`);
  }
  output.text(`\n  ${link}\n`);
  if (hasDisplay()) openBrowser(link);
  if (kind === 'running') return 0;
  output.text(describe(served.port));
  return await waitForEnd(served, { requests, output });
}

function describe(port: number): string {
  const tunnel = `ssh -L ${port}:127.0.0.1:${port} ${process.env.USER ?? 'user'}@this-machine`;
  return [
    'The link opens one browser; a second "npm start" prints another.',
    ...(process.env.SSH_CONNECTION ? [`From your own machine, first: ${tunnel}`] : []),
    'Ctrl-C pauses what is computed and ends.',
  ].join('\n');
}

/**
 * First request to end: a checkpoint, then the end. Second: the end at once; the newest checkpoint stays. Returns the exit
 * code.
 */
async function waitForEnd(
  served: Serving,
  { requests, output }: { requests: EndRequests; output: Output },
): Promise<number> {
  await requests.first;
  const endInOrder = async () => {
    if (served.laboratory.isBusy()) {
      output.note('Pausing: writing a checkpoint. Ctrl-C again ends at once, back at the checkpoint before.');
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
  /** Somebody does not want to wait. */
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

/** Where there is no browser nothing happens: the link was printed as well. */
function openBrowser(link: string): void {
  const [program, ...words] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...words, link], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

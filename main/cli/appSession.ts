/** Runs the application from the terminal: in Electron's window, or served for a browser until Ctrl-C. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { forkHost } from '../jobs/forkHost.ts';
import { buildDesktop, buildPage, pageFolder } from '../runtime/buildApp.ts';
import { waitForExit } from '../runtime/command.ts';
import { findElectron, hasDisplay } from '../runtime/electron.ts';
import { nameConnection } from '../runtime/networkProxy.mjs';
import { openBrowser } from '../server/openBrowser.ts';
import { serveLaboratory, type Served } from '../server/serveLaboratory.ts';
import { findApplication } from '../store/applicationLock.ts';
import { resolveConfigFolder } from '../store/configFolder.ts';
import { cacheFolder } from './lab.ts';
import type { Output } from './output.ts';
import { readVersion } from './version.ts';

export interface AppOptions {
  readonly dataFolder: string;
  /** Served for a browser even where a window could be opened. */
  readonly isBrowser: boolean;
  readonly port: number | null;
}

type Serving = Extract<Served, { kind: 'serving' }>;

const root = resolve(import.meta.dirname, '../..');
/** Milliseconds: an Electron that fails earlier could not open its window. */
const startTime = 8000;

/** Returns the exit code once the window was closed, or Ctrl-C ended the server. */
export async function runApp(options: AppOptions, output: Output): Promise<number> {
  await buildPage(output.note);
  if (!options.isBrowser) {
    const problem = hasDisplay() ? await runDesktop(options, output) : 'there is no display here';
    if (problem === null) return 0;
    output.note(`No window, because ${problem}: the same page is served for your browser.`);
  }
  return await runServer(options, output);
}

/** @returns why no window could be opened, null when one was and is closed again. */
async function runDesktop({ dataFolder }: AppOptions, output: Output): Promise<string | null> {
  const other = findApplication(dataFolder);
  if (other?.kind === 'server') return `process ${other.pid} serves the same data folder already`;
  const electron = await findElectron();
  if ('reason' in electron)
    return `Electron cannot be had (${electron.reason}; check ${nameConnection()}; ELECTRON_MIRROR may name another source)`;
  try {
    await buildDesktop(output.note);
  } catch (error) {
    return `the desktop application cannot be built here (${error instanceof Error ? error.message : String(error)})`;
  }
  const startedAt = performance.now();
  const child = spawn(electron.program, [root, '--data-dir', dataFolder], { stdio: 'inherit' });
  // Ctrl-C at a terminal reaches the window by itself, and it asks what to do with a run.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const failure = await waitForExit(child);
  process.off('SIGINT', ignore);
  return failure !== null && performance.now() - startedAt < startTime
    ? `Electron ${failure} at its start`
    : null;
}

async function runServer(options: AppOptions, output: Output): Promise<number> {
  // From before the link is shown: whoever sees it may press Ctrl-C.
  const interrupts = catchInterrupts();
  try {
    return await serve(options, { interrupts, output });
  } finally {
    interrupts.release();
  }
}

async function serve(
  { dataFolder, port }: AppOptions,
  { interrupts, output }: { interrupts: Interrupts; output: Output },
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
  await waitForEnd(served, { interrupts, output });
  return 0;
}

function describe(port: number): string {
  const tunnel = `ssh -L ${port}:127.0.0.1:${port} ${process.env.USER ?? 'user'}@this-machine`;
  return [
    'The link opens one browser; a second "npm start" prints another.',
    ...(process.env.SSH_CONNECTION ? [`From your own machine, first: ${tunnel}`] : []),
    'Ctrl-C pauses what is computed and ends.',
  ].join('\n');
}

/** First Ctrl-C: a checkpoint, then the end. Second: the end at once; the newest checkpoint stays. */
async function waitForEnd(
  served: Serving,
  { interrupts, output }: { interrupts: Interrupts; output: Output },
): Promise<void> {
  await interrupts.first;
  if (served.laboratory.isBusy()) {
    output.note('Pausing: writing a checkpoint. Ctrl-C again ends at once, back at the checkpoint before.');
    await Promise.race([served.laboratory.pauseAll(), interrupts.second]);
  }
  await served.close();
}

interface Interrupts {
  readonly first: Promise<null>;
  readonly second: Promise<null>;
  release(): void;
}

/** Ctrl-C, a polite end from outside, and the terminal's own end. */
function catchInterrupts(): Interrupts {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const first = Promise.withResolvers<null>();
  const second = Promise.withResolvers<null>();
  let count = 0;
  const interrupt = () => (++count === 1 ? first : second).resolve(null);
  for (const signal of signals) process.on(signal, interrupt);
  const release = () => signals.forEach((signal) => process.off(signal, interrupt));
  return { first: first.promise, second: second.promise, release };
}

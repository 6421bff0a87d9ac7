/**
 * `--smoke`: a test of the built or installed application. It opens the window, lets the page start a training of ten steps, and
 * quits with status 0, or 1 and the reason. It uses folders of its own, so that it neither reads nor changes the user's data.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, BrowserWindow } from 'electron';
import { z } from 'zod';
import type { RequestInput } from '../../shared/contract.ts';
import { demoSource } from '../../shared/dataset.ts';
import type { BackendInfo } from '../../shared/run.ts';
import type { RunSummary } from '../../shared/runList.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { EventListener } from './ipcTransport.ts';

const steps = 10;
/** Milliseconds for everything; on slow machines without native TensorFlow, training takes most of it. */
const timeLimit = 5 * 60_000;

export function isSmokeTest(args: readonly string[]): boolean {
  return args.includes('--smoke');
}

export interface SmokeFolders {
  readonly dataFolder: string;
  readonly configFolder: string;
  remove(): void;
}

/** Creates empty folders for data, settings and Chromium's profile. Call it before Electron is ready. */
export function createSmokeFolders(app: Pick<App, 'setPath'>): SmokeFolders {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-smoke-'));
  app.setPath('userData', join(folder, 'profile'));
  return {
    dataFolder: join(folder, 'data'),
    configFolder: join(folder, 'config'),
    // Chromium may still write into its profile, and Windows does not remove open files.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

export interface SmokeParts {
  readonly window: BrowserWindow;
  /** Calls `listener` for every event that the page receives. */
  listen(listener: EventListener): void;
  /** Aborted when the time is over; outside tests after five minutes. */
  readonly signal?: AbortSignal;
}

/**
 * Returns what worked, in one sentence.
 * @throws Error with the reason if the window does not open, the page does not start, or the training does not finish.
 */
export async function runSmokeTest(parts: SmokeParts): Promise<string> {
  const signal = parts.signal ?? AbortSignal.timeout(timeLimit);
  let stage = 'opening the window';
  const expired = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Error(`The time was over while ${stage}.`));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  const attempt = async () => {
    const trained = awaitTraining(parts.listen);
    await awaitPage(parts.window);
    stage = 'waiting for the page to start a training';
    await startInPage(parts.window);
    stage = `training ${steps} steps`;
    return `The window opened and its page trained ${steps} steps on ${describeBackend(await trained)}.`;
  };
  return Promise.race([attempt(), expired]);
}

/** Runs the test, closes the laboratory with `end` and exits with the status of the test. */
export async function finishSmokeTest(
  app: Pick<App, 'exit'>,
  { run, end }: { run: () => Promise<string>; end: () => Promise<void> },
): Promise<void> {
  try {
    const sentence = await run().finally(end);
    process.stdout.write(`Smoke test passed. ${sentence}\n`);
    app.exit(0);
  } catch (error) {
    failSmokeTest(app, error);
  }
}

/** Prints the reason and ends the application with status 1. */
export function failSmokeTest(app: Pick<App, 'exit'>, error: unknown): void {
  process.stdout.write(`Smoke test failed. ${describeError(error)}\n`);
  app.exit(1);
}

async function awaitPage({ webContents }: BrowserWindow): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    webContents.once('did-finish-load', () => resolve());
    webContents.once('did-fail-load', (_event, code, description, url) =>
      reject(new Error(`The page ${url} could not be loaded: ${description} (${code}).`)),
    );
    webContents.once('render-process-gone', (_event, { reason }) =>
      reject(new Error(`The process of the page is gone: ${reason}.`)),
    );
  });
}

/** The run that the page starts: the network whose training starts fastest, on images that need no download. */
export const smokeRun: RequestInput<'training.create'> = {
  name: 'smoke test',
  datasetId: demoSource,
  then: 'start',
  config: {
    preset: 'smoke test',
    data: { source: demoSource, imageSize: 16, validationImages: 4 },
    mask: { law: 'counter', pool: 4, targetRatio: 0.25 },
    field: { kind: 'unet', dim: 16, levels: 1, blocks: 1, residual: 'thin-plate' },
    path: { prediction: 'data', start: 'classical', startNoise: 0.1 },
    train: { batchSize: 4, steps, logEverySteps: 5, checkpointEverySteps: steps, evaluationImages: 4 },
    sampler: { solver: 'heun', steps: 2 },
  },
};

/** Waits until the page shows its frame, then starts the run through the page's own bridge. Both run in the page. */
const pageScript = `(async () => {
  while (document.querySelector('main') === null) await new Promise((next) => setTimeout(next, 50));
  return await window.lab.request('training.create', ${JSON.stringify(smokeRun)});
})()`;

const pageAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), failure: z.object({ message: z.string() }) }),
]);

async function startInPage({ webContents }: BrowserWindow): Promise<void> {
  const answer = pageAnswerSchema.parse(await webContents.executeJavaScript(pageScript, true));
  if (!answer.ok) throw new Error(`The page could not start a training: ${answer.failure.message}`);
}

function awaitTraining(listen: SmokeParts['listen']): Promise<BackendInfo | null> {
  const { promise, resolve, reject } = Promise.withResolvers<BackendInfo | null>();
  // Handled where it is awaited, which is after the page has been loaded.
  promise.catch(() => undefined);
  listen((name, payload) => {
    if (name !== 'runs.changed') return;
    for (const { status, step, error, backend } of payload as readonly RunSummary[]) {
      if (status === 'finished' && step === steps) resolve(backend);
      else if (status !== 'queued' && status !== 'running')
        reject(
          new Error(`The training is ${status} at step ${step} of ${steps}: ${error ?? 'no reason given'}`),
        );
    }
  });
  return promise;
}

function describeBackend(backend: BackendInfo | null): string {
  if (backend === null) return 'an unknown backend';
  const name = backend.kind === 'tensorflow' ? 'TensorFlow' : backend.kind.toUpperCase();
  return `${name} ${backend.version} (${backend.device})`;
}

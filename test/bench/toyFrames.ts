/**
 * node test/bench/toyFrames.ts [--pages FOLDER,FOLDER] [--seconds 6] [--rounds 3] [--slower 4] [--width 1440]: what a frame of the toy
 * in two dimensions costs while it trains and its time plays, in Chromium on a real server. Prints the frames per second and the
 * longest frame, of the page and of the thread that draws, and the CPU time of the page's main thread in each frame,
 * and that of the thread that draws. `--pages`: built pages that take turns; `--slower`: makes the page's main thread so
 * many times slower.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { buildPage, pageFolder } from '../../main/runtime/buildApp.ts';
import { findChromium } from '../../main/runtime/chromium.ts';
import { serveLaboratory } from '../../main/server/serveLaboratory.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    slower: { type: 'string', default: '1' },
    width: { type: 'string', default: '1440' },
  },
});
/** Milliseconds between two frames of 60 a second. */
const frameTime = 1000 / 60;
interface TraceEvent {
  readonly name: string;
  readonly tid: number;
  readonly pid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  /** Microseconds of CPU time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of CPU time of each frame. */
interface Frames {
  readonly main: readonly number[];
  /** The same where the main thread draws. */
  readonly drawing: readonly number[];
  /** Milliseconds between drawn frames. */
  readonly betweenDrawn: readonly number[];
  /** Milliseconds between the time stamps of the page's own animation frames. */
  readonly betweenShown: readonly number[];
  /** What the page says of the training after the last frame, which was not over if it says "Training". */
  readonly training: string;
}

const executablePath = findChromium();
if (executablePath === null) throw new Error('No Chromium was found. SPARSE_FIELD_LAB_CHROMIUM names one.');
if (values.pages === undefined) await buildPage(() => undefined);
const folders = values.pages?.split(',') ?? [pageFolder];
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const found = new Map<string, Frames[]>(folders.map((folder) => [folder, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const folder of folders) found.get(folder)?.push(await measure(browser, folder));
  for (const [folder, rounds] of found) console.log(`${folder}: ${describe(rounds)}`);
} finally {
  await browser.close();
}

async function measure(opened: Browser, folder: string): Promise<Frames> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-toy-'));
  const served = await serveLaboratory({
    dataFolder,
    cacheFolder: join(dataFolder, 'cache'),
    configFolder: join(dataFolder, 'config'),
    pageFolder: folder,
    version: '0.0.0-bench',
    port: 0,
    createHost() {
      throw new Error('Nothing is computed here.');
    },
  });
  if (served.kind === 'running') throw new Error(`${dataFolder} is served by process ${served.pid} already.`);
  try {
    const viewport = { width: Number(values.width), height: 900 };
    const page = await opened.newPage({ viewport, reducedMotion: 'reduce' });
    await page.goto(served.link);
    await page.getByRole('main').waitFor();
    await page.evaluate(() => void (location.hash = '#/method?section=toy'));
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.getByRole('img', { name: /^Flow matching: squares are the data/ }).waitFor();
    await page.getByRole('button', { name: 'Play time' }).click();
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: Number(values.slower) });
    const milliseconds = 1000 * Number(values.seconds);
    const [events, betweenShown] = await Promise.all([
      trace(session, milliseconds),
      timeFrames(page, milliseconds),
    ]);
    const training = await page.locator('.toy__step').innerText();
    await page.close();
    return { ...readFrames(events), betweenShown, training };
  } finally {
    await served.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** Returns the milliseconds between the animation frames of the page. */
async function timeFrames(page: Page, milliseconds: number): Promise<number[]> {
  return page.evaluate(
    (duration) =>
      new Promise<number[]>((resolve) => {
        const stamps: number[] = [];
        const note = (stamp: number) => {
          stamps.push(stamp);
          if (stamp - stamps[0] < duration) requestAnimationFrame(note);
          else resolve(stamps.slice(1).map((later, index) => later - stamps[index]));
        };
        requestAnimationFrame(note);
      }),
    milliseconds,
  );
}

async function trace(session: CDPSession, milliseconds: number): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as object[] as TraceEvent[])));
  const categories = ['toplevel', 'devtools.timeline', '__metadata'].join(',');
  await session.send('Tracing.start', { transferMode: 'ReportEvents', categories });
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  return events;
}

/** Sums the CPU time of the tasks of both threads from one drawn frame to the next. */
function readFrames(events: readonly TraceEvent[]): Pick<Frames, 'main' | 'drawing' | 'betweenDrawn'> {
  const main = events.find(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const drawn = Map.groupBy(
    events.filter(({ name }) => name === 'FireAnimationFrame'),
    ({ tid }) => tid,
  );
  const [drawing] = [...drawn.values()].sort((one, other) => other.length - one.length);
  const starts = drawing.map(({ ts }) => ts).sort((one, other) => one - other);
  return {
    main: sumTasks(events, main ?? drawing[0], starts),
    drawing: sumTasks(events, drawing[0], starts),
    betweenDrawn: starts.slice(1).map((start, index) => (start - starts[index]) / 1000),
  };
}

function sumTasks(
  events: readonly TraceEvent[],
  { pid, tid }: Pick<TraceEvent, 'pid' | 'tid'>,
  starts: readonly number[],
): number[] {
  const tasks = events
    .filter((event) => event.pid === pid && event.tid === tid && event.name.endsWith('RunTask'))
    .sort((one, other) => one.ts - other.ts);
  const sums = new Array<number>(starts.length).fill(0);
  let frame = 0;
  let end = 0;
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    // Tasks within tasks are part of them.
    if (ts < end) continue;
    end = ts + dur;
    while (frame + 1 < starts.length && starts[frame + 1] < end) frame += 1;
    sums[frame] += tdur / 1000;
  }
  return sums.slice(1, -1);
}

function describe(rounds: readonly Frames[]): string {
  const rates = (
    [
      ['shown by the page', 'betweenShown'],
      ['drawn by the worker', 'betweenDrawn'],
    ] as const
  ).map(([what, name]) => {
    const all = rounds.flatMap((round) => round[name]);
    const late = all.filter((time) => time > 1.5 * frameTime).length;
    const rate = (1000 * all.length) / all.reduce((sum, time) => sum + time, 0);
    return `${rate.toFixed(1)} frames a second ${what}, longest frame ${Math.max(...all).toFixed(1)} ms; ${late} of ${all.length} late`;
  });
  const lines = (['main', 'drawing'] as const).map((thread) => {
    const all = rounds.flatMap((round) => [...round[thread]]).sort((one, other) => one - other);
    const at = (fraction: number) => all[Math.floor(fraction * (all.length - 1))].toFixed(1);
    const late = all.filter((time) => time > frameTime).length;
    return `CPU of the ${thread} thread per frame, ms: median ${at(0.5)}, 95 % ${at(0.95)}, largest ${at(1)}; ${late} of ${all.length} above ${frameTime.toFixed(1)}`;
  });
  return [...rates, ...lines, ...rounds.map(({ training }) => `at the end: ${training}`)].join('\n  ');
}

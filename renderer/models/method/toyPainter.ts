/** Worker that draws the toys, so that neither their training nor the page delays a frame, and plays their time. */

import { createToyPainter, playFor, startOfPlay, timeOfPlay, type ToyLook } from './toyDrawing.ts';
import { fieldGrid, type ToyMethod, toyMethodNames } from './toyModel.ts';
import type { ToyReport } from './toyWorker.ts';

/** What has changed. */
export interface PaintOrder {
  /** Once, first. */
  readonly canvases?: Readonly<Record<ToyMethod, OffscreenCanvas>>;
  readonly look?: ToyLook;
  readonly report?: ToyReport;
  /** 0 (noise) to 1 (data). */
  readonly time?: number;
  readonly isPlaying?: boolean;
}

/** Sent while the time plays. */
export interface PaintedTime {
  readonly time: number;
}

/** Controls follow the time in steps of this size, the drawing in every frame. */
const reportedStep = 1 / 30;

const paint = createToyPainter();
let scene: PaintOrder = {};
/** Seconds since t = 0 while the time plays. */
let clock = 0;
/** Time stamp of the last frame of the play, in milliseconds. */
let lastFrame: number | null = null;
let reported = 1;
let isScheduled = false;
let hasChanged = false;

self.addEventListener('message', ({ data: order }: MessageEvent<PaintOrder>) => {
  scene = { ...scene, ...order };
  if (order.isPlaying === true) {
    clock = startOfPlay(scene.time ?? 0);
    lastFrame = null;
  }
  hasChanged = true;
  schedule();
});

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(drawFrame);
}

function drawFrame(now: number): void {
  isScheduled = false;
  if (scene.isPlaying === true) {
    advance(now);
    schedule();
  }
  const { canvases, look, report, time } = scene;
  if (!hasChanged || !canvases || !look || !report || time === undefined) return;
  hasChanged = false;
  for (const name of toyMethodNames)
    paint(canvases[name], { learned: report.learned[name], data: report.data, time, grid: fieldGrid }, look);
}

function advance(now: number): void {
  clock = playFor(clock, lastFrame === null ? 0 : (now - lastFrame) / 1000);
  lastFrame = now;
  const time = timeOfPlay(clock);
  if (time === scene.time) return;
  scene = { ...scene, time };
  hasChanged = true;
  if (time !== 1 && Math.abs(time - reported) < reportedStep) return;
  reported = time;
  self.postMessage({ time } satisfies PaintedTime);
}

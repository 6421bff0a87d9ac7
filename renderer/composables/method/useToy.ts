/** The toy in two dimensions: its workers, what it has learned so far, and the user's choices. */

import { onScopeDispose, reactive, ref, type Ref, shallowRef, type ShallowRef, toRaw, watch } from 'vue';
import { colourPoints, type ToyData, type ToyShape } from '../../models/method/toyData.ts';
import type { ToyLook } from '../../models/method/toyDrawing.ts';
import { type ToyMethod, toyMethodNames } from '../../models/method/toyModel.ts';
import type { PaintedTime, PaintOrder } from '../../models/method/toyPainter.ts';
import type { ToyOrder, ToyReport, ToySampling } from '../../models/method/toyWorker.ts';

export interface ToyChoices extends ToySampling {
  shape: ToyShape;
  seed: number;
  solver: ToySampling['solver'];
  steps: number;
}

export interface UseToyReturn {
  readonly choices: ToyChoices;
  /** null before the first report. */
  readonly report: Readonly<ShallowRef<ToyReport | null>>;
  readonly isRunning: Readonly<ShallowRef<boolean>>;
  /** Whether an image was chosen, whose colours are the data of the shape `colours`. */
  readonly hasImage: Readonly<ShallowRef<boolean>>;
  /** A failure, in a sentence. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  /** Trains from scratch. */
  restart(): void;
  /** Pauses the training, or resumes it. */
  toggle(): void;
  /** Learns the colours of an image file. */
  useImage(file: File): Promise<void>;
}

/** The worker ends with the scope. Nothing is computed before `restart` or `toggle`. */
export function useToy(): UseToyReturn {
  const choices = reactive<ToyChoices>({ shape: 'moons', seed: 1, solver: 'euler', steps: 8 });
  const report = shallowRef<ToyReport | null>(null);
  const isRunning = shallowRef(false);
  const problem = shallowRef<string | null>(null);
  const hasImage = shallowRef(false);
  let points: Float32Array | null = null;
  let worker: Worker | null = null;

  const send = (order: ToyOrder) => worker?.postMessage(order);
  const samplingNow = (): ToySampling => ({ solver: choices.solver, steps: choices.steps });

  function openWorker() {
    const opened = new Worker(new URL('../../models/method/toyWorker.ts', import.meta.url), {
      type: 'module',
    });
    opened.addEventListener('message', ({ data }: MessageEvent<ToyReport>) => {
      report.value = data;
      if (data.isFinished) isRunning.value = false;
    });
    opened.addEventListener('error', ({ message }) => {
      isRunning.value = false;
      problem.value = message || 'The training stopped with an error. Start it again.';
    });
    return opened;
  }

  function restart() {
    // A new worker: reports of the training before cannot arrive any more.
    worker?.terminate();
    worker = openWorker();
    problem.value = null;
    isRunning.value = true;
    const { shape, seed } = toRaw(choices);
    const data: ToyData = { shape, ...(points && shape === 'colours' && { points }) };
    send({ kind: 'start', data, seed, sampling: samplingNow() });
  }

  function toggle() {
    if (!worker || report.value?.isFinished) return restart();
    isRunning.value = !isRunning.value;
    send({ kind: 'run', isRunning: isRunning.value });
  }

  async function useImage(file: File) {
    try {
      points = await readColours(file);
      hasImage.value = true;
      problem.value = null;
      if (choices.shape === 'colours') restart();
      else choices.shape = 'colours';
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  watch(
    () => [choices.shape, choices.seed],
    () => {
      if (worker) restart();
    },
  );
  watch(samplingNow, (sampling) => send({ kind: 'sample', sampling }));
  onScopeDispose(() => worker?.terminate());

  return { choices, report, isRunning, problem, hasImage, restart, toggle, useImage };
}

export interface UseToyPainterReturn {
  /** 0 (noise) to 1 (data); follows the play some times a second. */
  readonly time: Readonly<Ref<number>>;
  readonly isPlaying: Readonly<Ref<boolean>>;
  /** Gives the canvases to the worker, one for each method in the order of `toyMethodNames`; once. */
  open(canvases: readonly HTMLCanvasElement[]): void;
  play(): void;
  stop(): void;
  /** Stops the play at a time. */
  setTime(time: number): void;
}

/** Draws reports in a worker of its own, which ends with the scope: frames wait neither for the training nor for the page. */
export function useToyPainter(
  report: Readonly<Ref<ToyReport | null>>,
  look: () => ToyLook,
): UseToyPainterReturn {
  const time = ref(1);
  const isPlaying = ref(false);
  let worker: Worker | null = null;
  const send = (order: PaintOrder, moved: Transferable[] = []) => worker?.postMessage(order, moved);

  function open(elements: readonly HTMLCanvasElement[]) {
    worker = new Worker(new URL('../../models/method/toyPainter.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<PaintedTime>) => {
      if (isPlaying.value) ({ time: time.value } = data);
    });
    const canvases = elements.map((canvas) => canvas.transferControlToOffscreen());
    const named = toyMethodNames.map((name, index) => [name, canvases[index]] as const);
    send({ canvases: Object.fromEntries(named) as Record<ToyMethod, OffscreenCanvas> }, canvases);
    send({ look: look(), time: time.value, ...(report.value && { report: report.value }) });
  }

  function play() {
    isPlaying.value = true;
    send({ time: time.value, isPlaying: true });
  }

  function stop() {
    setTime(time.value);
  }

  function setTime(value: number) {
    isPlaying.value = false;
    time.value = value;
    send({ time: value, isPlaying: false });
  }

  watch(look, (next) => send({ look: next }));
  watch(report, (next) => {
    if (next) send({ report: next });
  });
  onScopeDispose(() => worker?.terminate());
  return { time, isPlaying, open, play, stop, setTime };
}

/** Returns the colours of an image as points. @throws Error if the browser cannot read the file. */
async function readColours(file: File): Promise<Float32Array> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error(`“${file.name}” could not be read as an image. Choose a PNG, JPEG or WebP file.`);
  });
  const scale = Math.min(1, 96 / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error('This browser provides no canvas to read the image with.');
  context.drawImage(image, 0, 0, width, height);
  return colourPoints(context.getImageData(0, 0, width, height).data);
}

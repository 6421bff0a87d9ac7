/** An evaluation of a run's newest checkpoint, as the compute process takes it. */

import type { ImageSheets } from '../../shared/comparison/comparison.ts';
import { readingOf, type SamplerConfig } from '../../shared/config/config.ts';
import { findAverage, type WeightsChoice } from '../../shared/config/keptAverages.ts';
import { checkMaskFits } from '../../shared/config/maskProblem.ts';
import {
  type BayerPhase,
  evaluationLaw,
  type MaskLaw,
  type MaskSettings,
  nominalKeepRatio,
} from '../../shared/masks/laws.ts';
import { protocolKey } from '../../shared/comparison/commonProtocols.ts';
import { isClassical } from '../../shared/comparison/comparisonOfRuns.ts';
import { type Evaluation, protocolMask, protocolNoise } from '../../shared/metric.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { ComputeEvent, EvaluateJob, SheetEvent } from '../compute/protocol.ts';
import { insertEvaluation, setImageSheets, type StoredEvaluation } from '../store/runs/evaluations.ts';
import { writeEvaluationSheets } from '../store/files/runImages.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { encodePreview } from './recorder.ts';
import { requireCheckpoint } from './runCheckpoint.ts';

/** Solvers and numbers of steps whose quality is measured against their cost. */
export interface CurveRequest {
  readonly solvers: readonly SamplerConfig['solver'][];
  readonly steps: readonly number[];
}

/** Settings of an evaluation; defaults are those of the run. */
export interface EvaluationRequest {
  readonly images: number;
  readonly samples: number;
  readonly solver: SamplerConfig['solver'];
  readonly steps: number;
  /** Replaces `solver` and `steps`; see `curvePlans`. */
  readonly curve?: CurveRequest;
  readonly keepRatio?: number;
  /** Default: see `evaluationLaw`; with it, all options are those of the request. */
  readonly maskLaw?: MaskLaw;
  readonly markSize?: number;
  readonly blocks?: number;
  readonly mixture?: string;
  readonly phase?: BayerPhase;
  readonly maskSeed?: number;
  /** Standard deviation of the noise on observed values. */
  readonly observationNoise?: number;
  /** Decay of the averaged weights, or `off`; default: the run's main average, if it keeps one. */
  readonly ema?: WeightsChoice;
  readonly symmetries?: number;
  /** The data source as users write it. */
  readonly source?: string;
  /** Evaluates even if the images differ from those that the run was trained with. */
  readonly acceptChangedData?: boolean;
}

/**
 * Returns what is expected of the images: those of the run's own source must be the ones it was trained with; nothing is
 * expected of another source.
 */
export function expectedData(
  { config, dataset }: RunRecord,
  {
    source = config.data.source,
    acceptChangedData = false,
  }: Pick<EvaluationRequest, 'source' | 'acceptChangedData'>,
): Pick<EvaluateJob, 'folderLayout' | 'crops' | 'known' | 'acceptChangedData'> {
  const { folderLayout, crops } = readingOf(config.data);
  if (source !== config.data.source) return { folderLayout: 'honoured', crops, known: null };
  return { folderLayout, crops, known: dataset, acceptChangedData };
}

/** Default seed of the masks, so that evaluations compare. */
const protocolMaskSeed = 42;

/**
 * Plans an evaluation of the run's newest checkpoint.
 * @throws Error if there is no such run, checkpoint or average, or the network cannot be given such masks.
 */
export function planEvaluation(
  store: Store,
  runId: string,
  from: { readonly request: EvaluationRequest; readonly cacheFolder: string },
): { readonly job: EvaluateJob; readonly step: number } {
  const run = getRun(store.db, runId);
  const { path, step } = requireCheckpoint(store, run, 'an evaluation');
  const { request, cacheFolder } = from;
  const { images, samples, solver, steps, ema } = request;
  if (ema !== undefined) findAverage(run.config.optim, ema);
  const { data, field, mask, sampler } = run.config;
  const law = lawOf(request, mask);
  const keepRatio = nominalKeepRatio({ ...law, keepRatio: request.keepRatio ?? mask.keepRatio });
  checkMaskFits(field, { ...law, keepRatio }, data.imageSize);
  const plan = { ...sampler, solver, steps, symmetries: request.symmetries ?? sampler.symmetries };
  const job: EvaluateJob = {
    checkpoint: path,
    cacheFolder,
    protocol: {
      source: request.source ?? data.source,
      split: 'test',
      imageSize: data.imageSize,
      ...protocolMask(law),
      maskSeed: request.maskSeed ?? protocolMaskSeed,
      keepRatio,
      ...protocolNoise(request.observationNoise ?? mask.observationNoise, { pasted: true }),
      noiseSeed: 0,
    },
    ...expectedData(run, request),
    plans: request.curve ? curvePlans(plan, request.curve, samples) : [plan],
    images,
    samples,
    weights: ema,
  };
  return { job, step };
}

/**
 * Returns a plan for each solver and number of steps, both once; everything else is that of `plan`.
 * @throws Error for a single sample: a curve shows how much samples differ.
 */
export function curvePlans<Plan extends Pick<SamplerConfig, 'solver' | 'steps'>>(
  plan: Plan,
  { solvers, steps }: CurveRequest,
  samples: number,
): Plan[] {
  if (samples < 2)
    throw new Error(
      `Found ${samples} sample per image; a curve of quality against cost needs at least 2. Ask for more samples.`,
    );
  return [...new Set(solvers)].flatMap((solver) =>
    [...new Set(steps)].map((count) => ({ ...plan, solver, steps: count })),
  );
}

/** Returns the law that was requested, or that of the run's evaluations. */
export function lawOf(
  {
    maskLaw,
    markSize,
    blocks,
    mixture,
    phase,
  }: Pick<EvaluationRequest, 'maskLaw' | 'markSize' | 'blocks' | 'mixture' | 'phase'>,
  mask: MaskSettings,
): ReturnType<typeof evaluationLaw> {
  return maskLaw === undefined ? evaluationLaw(mask) : { law: maskLaw, markSize, blocks, mixture, phase };
}

/**
 * Results of the classical methods that this process has seen: they depend on the protocol only, so that several runs
 * evaluated by one protocol need them once. Nothing is kept beyond the process, because another version of the program
 * may compute them differently.
 */
export interface ClassicalMemory {
  /** Rows of the classical methods by protocol, for `EvaluateJob.knownClassical`. */
  known(): readonly Pick<Evaluation, 'protocol' | 'rows'>[];
  /** Image sheets of the classical methods with this protocol; empty if none were kept. */
  sheetsOf(protocol: Evaluation['protocol']): readonly Sheet[];
  remember(evaluation: Evaluation, sheets: readonly Sheet[]): void;
}

/** Protocols whose results are remembered; each has up to seven sheets of at most a million pixels. */
const rememberedProtocols = 4;

export function createClassicalMemory(): ClassicalMemory {
  const results = new Map<string, Evaluation & { readonly sheets: readonly Sheet[] }>();
  return {
    known: () => [...results.values()].map(({ protocol, rows }) => ({ protocol, rows })),
    sheetsOf: (protocol) => results.get(protocolKey(protocol))?.sheets ?? [],
    remember({ protocol, rows }, sheets) {
      const classical = rows.filter(isClassical);
      const own = sheets.filter(({ name }) => classical.some(({ method }) => method === name));
      if (classical.length === 0) return;
      results.delete(protocolKey(protocol));
      results.set(protocolKey(protocol), { protocol, rows: classical, sheets: own });
      const [oldest] = results.keys();
      if (results.size > rememberedProtocols) results.delete(oldest);
    },
  };
}

interface EvaluationRecorder {
  /** Collects the image sheets among the events of the compute process. */
  observe(event: ComputeEvent): void;
  /** Stores the rows, and the images if they can be written. */
  keep(evaluation: Evaluation): Promise<StoredEvaluation>;
}

interface Sheet extends Omit<SheetEvent, 'rows'> {
  readonly height: number;
  readonly png: Promise<Uint8Array>;
}

/** Maximum number of sheets of an evaluation: their addresses have two digits. */
const mostSheets = 100;

/**
 * `onImageError` is called if the evaluation is stored without its images. `memory` completes the images of an evaluation
 * that took its classical results from it, and remembers those of the others.
 */
export function createEvaluationRecorder(
  store: Pick<Store, 'db' | 'runFolder'>,
  of: { readonly runId: string; readonly step: number; readonly memory?: ClassicalMemory },
  onImageError: (error: unknown) => void,
): EvaluationRecorder {
  const results: Sheet[] = [];
  const states: Sheet[] = [];
  return {
    observe(event) {
      if (event.type === 'retried') {
        // The evaluation starts again and sends every sheet once more.
        results.length = 0;
        states.length = 0;
      }
      if (event.type !== 'sheet') return;
      const kept = event.times ? states : results;
      if (kept.length < mostSheets) kept.push(encodeSheet(event));
    },
    async keep(evaluation) {
      const { runId, step, memory } = of;
      const stored = insertEvaluation(store.db, { ...evaluation, runId, step });
      const complete = withSheets(results, memory?.sheetsOf(evaluation.protocol) ?? []);
      memory?.remember(evaluation, complete);
      if (results.length === 0) return stored;
      try {
        // Results take precedence over intermediate states, which are kept completely or not at all.
        const hasRoom = complete.length + states.length <= mostSheets;
        const imageSheets = describeSheets(complete, hasRoom ? states : []);
        const sheets = hasRoom ? [...complete, ...states] : complete;
        const files = await Promise.all(sheets.map(({ png }) => png));
        writeEvaluationSheets({ folder: store.runFolder(runId), id: stored.id, sheets: files });
        setImageSheets(store.db, stored.id, imageSheets);
        return { ...stored, imageSheets };
      } catch (error) {
        onImageError(error);
        return stored;
      }
    },
  };
}

/** Adds the remembered sheets of classical methods that the evaluation did not send, after truth and known pixels. */
function withSheets(results: readonly Sheet[], remembered: readonly Sheet[]): readonly Sheet[] {
  const missing = remembered.filter(({ name }) => !results.some((sheet) => sheet.name === name));
  const given = results.filter(({ name }) => ['truth', 'known'].includes(name));
  const room = Math.max(0, mostSheets - results.length);
  return [...given, ...missing.slice(0, room), ...results.filter((sheet) => !given.includes(sheet))];
}

function encodeSheet({ rows, ...sheet }: SheetEvent): Sheet {
  const png = encodePreview(rows);
  // A failure is reported when the sheet is stored; a cancelled evaluation never stores it.
  png.catch(() => undefined);
  return { ...sheet, height: rows.height, png };
}

/** Describes the sheets; the last state of a method is its result. */
function describeSheets(results: readonly Sheet[], states: readonly Sheet[]): ImageSheets {
  const [{ images, columns, height }] = results;
  const names = results.map(({ name }) => name);
  const intermediate = states.map(({ name, times = [] }, index) => {
    return { method: name, times, sheet: names.length + index };
  });
  const methods = [...new Set(intermediate.map(({ method }) => method))];
  const ends = methods.map((method) => ({ method, times: [1], sheet: names.lastIndexOf(method) }));
  return {
    images,
    columns,
    imageSize: height / Math.ceil(images / columns),
    sheets: [...names, ...states.map(({ name }, index) => `${name}, state ${index + 1}`)],
    states: [...intermediate, ...ends],
  };
}

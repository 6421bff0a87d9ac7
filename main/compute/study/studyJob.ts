/** The study of a run: trajectories, sensitivities and solver errors for a few images. */

import { titleOfSolver } from '../../../shared/config/samplerConfig.ts';
import { imageAt, markObserved, pasteObserved, clampColours } from '../../../shared/images/image.ts';
import { describeObserved } from '../../../shared/metric.ts';
import { meanPsnr } from '../../../shared/numbers/psnrMean.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import {
  countStudyEvaluations,
  type SolverRecord,
  type StudyImage,
  studyQueries,
  studySteps,
} from '../../../shared/study.ts';
import { psnr } from '../../engine/metrics/pixelErrors.ts';
import { expectEvaluations, type SamplingPlan } from '../../engine/solver/route.ts';
import { finePlan, solveByPlan, type SolverEnd, studiedPlans } from '../../engine/study/solverErrors.ts';
import {
  distanceBetween,
  normPerPixel,
  rateOfChange,
  rootMeanSquare,
  type SampledValues,
  spreadPerPixel,
  spreadSkillBins,
  traceStates,
  traceTrajectory,
  type Trajectory,
} from '../../engine/study/trajectory.ts';
import type { LoopControl } from '../../engine/train/loop.ts';
import { openSamplingData, type SamplingData } from '../evaluation/samplingData.ts';
import { chooseExecution } from '../execution.ts';
import { loadModel, type LoadedModel } from '../modelCheckpoint.ts';
import type { ComputeEvent, StudiedRun, StudyJob } from '../protocol.ts';
import { groupImages, type ImageGroup } from '../sampling/imageBatches.ts';
import { prepareGroup, rememberEstimates } from '../sampling/reconstructImages.ts';
import {
  type Advance,
  canDifferentiate,
  type Conditioning,
  conditioningTimes,
  joined,
  studyConditioning,
} from './conditioning.ts';

/** Bins of the diagram of spread and error. */
const spreadBins = 12;

/** Emits `studied`. @throws Error, or an AbortError when a stop was requested. */
export async function studyJob(
  job: StudyJob,
  control: LoopControl,
  emit: (event: ComputeEvent) => void,
): Promise<void> {
  const execution = chooseExecution((what, kind, reason) => emit({ type: 'execution', what, kind, reason }));
  const model = loadModel(job.checkpoint, execution, job.weights);
  const onProgress = (progress: StudyProgress) => emit({ type: 'progress', ...progress });
  const data = await openSamplingData({ ...job, images: job.indices, onProgress, signal: control.signal });
  const study = await studyModel(model, {
    data,
    samples: job.samples,
    seed: job.protocol.noiseSeed,
    onProgress,
    isCancelled: () => control.requested !== null,
  });
  emit({ type: 'studied', study });
}

interface StudyProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly fraction?: number;
}

export interface StudyOptions {
  readonly data: SamplingData;
  /** Two or more. */
  readonly samples: number;
  readonly seed: number;
  /** Steps of the trajectories; default 32. */
  readonly steps?: number;
  /** Numbers of evaluations at which solvers are compared; default: powers of two up to 64. */
  readonly budgets?: readonly number[];
  readonly onProgress: (progress: StudyProgress) => void;
  readonly isCancelled?: () => boolean;
}

/** Studies the images of `data`; the noise is that of an evaluation with the same seed. */
export async function studyModel(model: LoadedModel, options: StudyOptions): Promise<StudiedRun> {
  const { data, samples, seed, steps = studySteps } = options;
  const plans = studiedPlans(options.budgets);
  const { truth } = data;
  const startedAt = performance.now();
  const hidden = data.observations.map((observation) =>
    markObserved(observation, truth.height * truth.width).map((mark) => 1 - mark),
  );
  const hasSensitivity = canDifferentiate(model, data);
  const advance = countWork(options, hasSensitivity);
  let hasAttention = false;
  const solvers = createSolverTable(data, hidden);
  const images: StudiedRun['images'][number][] = [];
  const ends: SampledValues[] = [];
  let times: readonly number[] = [];
  for (const group of groupImages(data.indices, model.batch)) {
    const prepared = prepareGroup(model, {
      images: truth,
      observations: data.observations,
      indices: data.indices,
      group,
      seed,
      estimateOf: rememberEstimates(model.config.path.estimate),
    });
    const by = { steps, run: model.run };
    const trajectory = await prepared.with(0, (problem) => traceTrajectory(problem, by));
    ({ times } = trajectory);
    await advance('trajectories', 3 * steps * group.count);
    const states = [trajectory.states];
    for (let sample = 1; sample < samples; sample++) {
      states.push((await prepared.with(sample, (problem) => traceStates(problem, by))).states);
      await advance(`sample ${sample + 1} of ${samples}`, 2 * steps * group.count);
    }
    const solve = (plan: SamplingPlan) =>
      prepared.with(0, (problem) => solveByPlan(problem, plan, model.run));
    const fine = await solve(finePlan);
    await advance('the fine solution', expectEvaluations(model.config.path, finePlan) * group.count);
    solvers.setFine(group, fine);
    for (const plan of plans) {
      const end = await solve(plan);
      solvers.add(group, plan, end);
      await advance(
        `${titleOfSolver(plan.solver)} in ${formatPlural(plan.steps, 'step')}`,
        end.nfe * group.count,
      );
    }
    for (let image = 0; image < group.count; image++) {
      const number = group.first + image;
      const own = sliceImage(trajectory, states, {
        row: group.rowOfImage[image],
        size: truth.height * truth.width * 3,
      });
      const of = { own, data, number, seed, advance, hasSensitivity };
      const conditioning = await studyConditioning(model, of);
      hasAttention = conditioning.attention.length > 0;
      ends.push({
        truth: imageAt(truth, number).values,
        samples: own.samples.map((sample) => clampColours(sample[sample.length - 1])),
        marks: hidden[number],
      });
      images.push(describeImage(own, { data, number, hidden: hidden[number], conditioning }));
    }
  }
  return {
    step: model.step,
    height: truth.height,
    width: truth.width,
    samples,
    protocol: describeObserved(data.protocol),
    times: [...times],
    sensitivityTimes: hasSensitivity ? conditioningTimes(times) : [],
    attentionTimes: hasAttention ? conditioningTimes(times) : [],
    ...solvers.finish(),
    spreadSkill: spreadSkillBins(ends, spreadBins),
    images,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** Returns the function that counts evaluations, reports how far the whole study is, and lets messages in. */
function countWork(
  { data, samples, steps, budgets, onProgress, isCancelled }: StudyOptions,
  hasSensitivity: boolean,
): Advance {
  const perImage = countStudyEvaluations({ samples, size: data.truth, steps, budgets, hasSensitivity });
  const total = perImage * data.truth.count;
  let done = 0;
  return async (phase, evaluations) => {
    done = Math.min(total, done + evaluations);
    onProgress({ phase, done: Math.round(done), total: Math.round(total), fraction: done / total });
    await new Promise((resolve) => setImmediate(resolve));
    if (isCancelled?.()) throw new DOMException('The study was cancelled.', 'AbortError');
  };
}

/** What is known of one image along its solution. */
interface ImageTrajectory extends Trajectory {
  /** States of every sample, the first included. */
  readonly samples: readonly (readonly Float32Array[])[];
}

function sliceImage(
  trajectory: Trajectory,
  samples: readonly (readonly Float32Array[])[],
  { row, size }: { readonly row: number; readonly size: number },
): ImageTrajectory {
  const own = (values: readonly Float32Array[]) =>
    values.map((each) => each.slice(row * size, (row + 1) * size));
  const { times, states, data, velocities } = trajectory;
  return {
    times,
    states: own(states),
    data: own(data),
    velocities: own(velocities),
    samples: samples.map(own),
  };
}

function describeImage(
  { times, states, data: expected, velocities, samples }: ImageTrajectory,
  {
    data,
    number,
    hidden,
    conditioning,
  }: { data: SamplingData; number: number; hidden: Uint8Array; conditioning: Conditioning },
): StudiedRun['images'][number] {
  const truth = imageAt(data.truth, number).values;
  const { indices, values } = data.observations[number];
  const spreads = times.map((_, at) => spreadPerPixel(samples.map((sample) => sample[at])));
  // A pixel is hidden where any of its values is.
  const isHidden = Uint8Array.from({ length: truth.length / 3 }, (_, pixel) =>
    Math.max(...hidden.subarray(3 * pixel, 3 * pixel + 3)),
  );
  const arrays: StudyImage = {
    truth: Float32Array.from(truth),
    observed: indices,
    observedValues: values,
    states: joined(states),
    data: joined(expected),
    speed: joined(velocities.map(normPerPixel)),
    curvature: joined(rateOfChange(times, velocities).map(normPerPixel)),
    spread: joined(spreads),
    queries: studyQueries(data.truth),
    ...conditioning,
  };
  return {
    index: data.indices[number],
    stateDistance: states.map((state) => distanceBetween(state, truth, hidden)),
    dataDistance: expected.map((each) => distanceBetween(each, truth, hidden)),
    spread: spreads.map((each) => rootMeanSquare(each, isHidden)),
    arrays,
  };
}

/** Collects how far solvers end from the fine solution, over all images. */
function createSolverTable(data: SamplingData, hidden: readonly Uint8Array[]) {
  const size = data.truth.height * data.truth.width * 3;
  const fineOf: Float32Array[] = [];
  const finePsnr: number[] = [];
  let fineEvaluations = 0;
  const entries = new Map<string, SolverEntry>();
  const each = (group: ImageGroup, values: Float32Array, take: (number: number, own: Float32Array) => void) =>
    group.rowOfImage.forEach((row, image) =>
      take(group.first + image, values.slice(row * size, (row + 1) * size)),
    );
  const score = (number: number, own: Float32Array) => {
    const result = clampColours(own);
    if (data.protocol.pasted) pasteObserved(result, data.observations[number]);
    return psnr(imageAt(data.truth, number).values, result);
  };
  return {
    setFine(group: ImageGroup, { values, nfe }: SolverEnd) {
      fineEvaluations += nfe * group.count;
      each(group, values, (number, own) => {
        fineOf[number] = own;
        finePsnr.push(score(number, own));
      });
    },
    add(group: ImageGroup, { solver, steps }: SamplingPlan, { values, nfe }: SolverEnd) {
      const key = `${solver} ${steps}`;
      const entry = entries.get(key) ?? { solver, steps, nfe, squares: [], psnr: [] };
      entries.set(key, entry);
      each(group, values, (number, own) => {
        entry.squares.push(distanceBetween(own, fineOf[number], hidden[number]) ** 2);
        entry.psnr.push(score(number, own));
      });
    },
    finish(): Pick<StudiedRun, 'solvers' | 'fineEvaluations' | 'finePsnr'> {
      const solvers = [...entries.values()].map(({ squares, psnr: ofImages, ...entry }) => ({
        ...entry,
        error: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
        psnr: finiteMean(ofImages),
      }));
      return {
        solvers,
        fineEvaluations: fineEvaluations / data.truth.count,
        finePsnr: finiteMean(finePsnr),
      };
    },
  };
}

interface SolverEntry extends Pick<SolverRecord, 'solver' | 'steps' | 'nfe'> {
  /** Of each image. */
  readonly squares: number[];
  readonly psnr: number[];
}

/** Returns the mean of dB values; null if every image is exact. */
function finiteMean(values: readonly number[]): number | null {
  const { mean } = meanPsnr(values);
  return mean === Infinity ? null : mean;
}

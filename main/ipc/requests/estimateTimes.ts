/** Estimates the time of an inpainting and of an evaluation before they start, from what earlier ones took on this machine. */

import type { RunConfig, SamplerConfig } from '../../../shared/config/config.ts';
import {
  countImageProducts,
  expectClassical,
  type ImageWork,
} from '../../../shared/config/inpaintingCost.ts';
import { countStepOperations } from '../../../shared/config/networkSize.ts';
import { expectedEvaluations } from '../../../shared/config/samplerConfig.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';
import { classicalMethods, type ClassicalMethod, type ClassicalTraits } from '../../../shared/inpainting.ts';
import { countStudyEvaluations, mostSensitivityPairs, type Study } from '../../../shared/study.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { listMeasuredInpaintings, type MeasuredInpainting } from '../../store/inpaintings/inpaintings.ts';
import { listMeasuredEvaluations, type MeasuredEvaluation } from '../../store/runs/evaluations.ts';
import { listSpeeds } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { estimatePace, medianOf } from './estimateRun.ts';

/** What is known of the speed of this machine. */
export interface SpeedSources {
  /** null: no earlier work is known. */
  readonly db: Store['db'] | null;
  readonly report: DoctorReport | null;
  /**
   * Returns how many times as long as on the machine of the cost models this one takes: see `measureSlowness`. Absent: nothing
   * is estimated without earlier work or a doctor's report, and cost models are taken as they are.
   */
  readonly slowness?: () => number;
}

/** How a sample is computed. */
type Plan = Pick<SamplerConfig, 'solver' | 'steps'> & Partial<SamplerConfig>;

/** An inpainting to come: the image, of the size that is computed, and what fills it in. */
export type PlannedInpainting = { readonly image: ImageWork } & (
  | { readonly method: ClassicalMethod }
  | {
      readonly config: RunConfig;
      readonly plan: Plan;
      readonly samples: number;
      /** That the posterior mean is averaged over; default 1. */
      readonly symmetries?: number;
    }
);

/** Estimates the time until the result is shown; what it is compared with is computed afterwards. */
export function estimateInpainting(sources: SpeedSources, planned: PlannedInpainting): TimeEstimate {
  const earlier = sources.db === null ? [] : listMeasuredInpaintings(sources.db);
  const { image } = planned;
  if ('method' in planned)
    return estimateClassical(sources, earlier, { method: classicalMethods[planned.method].scoredAs, image });
  const { config, plan, samples, symmetries = 1 } = planned;
  const evaluations = samples * symmetries * expectedEvaluations(plan);
  const products = evaluations * countImageProducts(config, image);
  const same = earlier.flatMap((one): Measured[] => {
    const isSame = one.config !== null && one.result.nfe > 0 && isSameNetwork(one.config, config);
    const seconds = one.result.scores.find(({ method }) => method === 'result')?.seconds;
    if (!isSame || one.config === null || seconds === undefined) return [];
    const work = one.samples * one.result.nfe * countImageProducts(one.config, workOf(one));
    return [{ work, seconds }];
  });
  const sampling =
    same.length > 0
      ? estimateFromMeasured(same, products, 'with this network')
      : estimateFromSpeed(sources, config, products);
  return addTimes(
    sampling,
    estimateClassical(sources, earlier, {
      method: classicalMethods[config.path.estimate].scoredAs,
      image,
    }),
  );
}

/** An evaluation to come. */
export interface PlannedEvaluation {
  readonly plans: readonly Plan[];
  readonly samples: number;
  readonly images: number;
  readonly protocol: { readonly keepRatio: number };
}

/** Estimates the time of an evaluation by all methods. */
export function estimateEvaluation(
  sources: SpeedSources,
  config: RunConfig,
  { plans, samples, images, protocol }: PlannedEvaluation,
): TimeEstimate {
  const side = config.data.imageSize;
  const image = { width: side, height: side, known: protocol.keepRatio, touched: 1 };
  const ofMean = plans[0].symmetries ?? 1;
  const evaluations = plans.reduce((sum, plan) => sum + samples * expectedEvaluations(plan), ofMean);
  const products = images * evaluations * countImageProducts(config, image);
  const earlier = sources.db === null ? [] : listMeasuredEvaluations(sources.db);
  const sampling = estimateSampling(sources, config, { earlier, image, products });
  return addTimes(sampling, estimateBaselines(sources, earlier, { image, images }));
}

/** A study to come. */
export interface PlannedStudy {
  readonly images: number;
  readonly samples: number;
  readonly keepRatio: number;
  /** The study that the run has. */
  readonly earlier: Pick<Study, 'images' | 'samples' | 'seconds'> | null;
}

/** Estimates the time of a study, from the run's study before if there is one. */
export function estimateStudy(
  sources: SpeedSources,
  config: RunConfig,
  { images, samples, keepRatio, earlier: before }: PlannedStudy,
): TimeEstimate {
  const side = config.data.imageSize;
  const hasSensitivity = keepRatio * side ** 4 <= mostSensitivityPairs;
  const count = (ofImages: number, each: number) =>
    ofImages * countStudyEvaluations({ samples: each, size: { height: side, width: side }, hasSensitivity });
  const evaluations = count(images, samples);
  if (before) {
    const work = count(before.images.length, before.samples);
    return estimateFromMeasured([{ work, seconds: before.seconds }], evaluations, 'of this run');
  }
  const image = { width: side, height: side, known: keepRatio, touched: 1 };
  const products = evaluations * countImageProducts(config, image);
  const earlier = sources.db === null ? [] : listMeasuredEvaluations(sources.db);
  return estimateSampling(sources, config, { earlier, image, products });
}

/** From earlier evaluations by the same network, or from the speed of training. */
function estimateSampling(
  sources: SpeedSources,
  config: RunConfig,
  {
    earlier,
    image,
    products,
  }: {
    readonly earlier: readonly MeasuredEvaluation[];
    readonly image: ImageWork;
    readonly products: number;
  },
): TimeEstimate {
  const same = earlier.flatMap((one): Measured[] => {
    if (!isSameNetwork(one.config, config)) return [];
    // The row with the most evaluations of an evaluation has the least that is not sampling.
    const longest = one.methods
      .filter(({ nfe }) => nfe > 0)
      .toSorted((first, second) => second.nfe * second.samples - first.nfe * first.samples)
      .at(0);
    if (!longest) return [];
    const { nfe, seconds } = longest;
    return [{ work: one.images * nfe * longest.samples * countImageProducts(one.config, image), seconds }];
  });
  return same.length > 0
    ? estimateFromMeasured(same, products, 'by this network')
    : estimateFromSpeed(sources, config, products);
}

/** Adds the times of work that is done one after the other; the explanation is that of the first. */
export function addTimes(first: TimeEstimate, second: TimeEstimate): TimeEstimate {
  if (first.seconds === null || first.range === null) return first;
  if (second.seconds === null || second.range === null) return { ...second, explanation: first.explanation };
  return {
    seconds: first.seconds + second.seconds,
    range: [first.range[0] + second.range[0], first.range[1] + second.range[1]],
    explanation: first.explanation,
  };
}

/** Seconds that some work took. Work is counted in any unit, the same as that of what is estimated. */
interface Measured {
  readonly work: number;
  readonly seconds: number;
}

/** Work of up to this many times more or less is about as fast; other work is off by up to the second factor. */
const [alike, otherFactor] = [3, 2];
/** Measurements that an estimate is made of, the most similar ones. */
const mostMeasured = 9;
/** A measurement may be that many times slower than the fastest before it counts as disturbed by something else. */
const disturbed = 2;
const slack = 1.15;

/** Median of the most similar measurements, scaled by the work; those that something else slowed down are left out. */
function estimateFromMeasured(measured: readonly Measured[], work: number, how: string): TimeEstimate {
  const distance = (one: Measured) => Math.abs(Math.log(one.work / work));
  const sorted = measured.toSorted((one, other) => distance(one) - distance(other));
  const near = sorted.filter((one) => distance(one) <= Math.log(alike));
  const chosen = (near.length > 0 ? near : sorted).slice(0, mostMeasured);
  const times = chosen.map((one) => (one.seconds / one.work) * work);
  const fastest = Math.min(...times);
  const kept = times.filter((time) => time <= disturbed * fastest);
  const widening = near.length > 0 ? slack : otherFactor;
  return {
    seconds: medianOf(kept),
    range: [fastest / widening, Math.max(...kept) * widening],
    explanation: `From ${formatPlural(kept.length, 'earlier result')} ${how} on this machine${
      near.length > 0 ? '' : ', scaled by the size of the image and the number of evaluations'
    }.`,
  };
}

/** Tiles overlap, and graphs are compiled first: sampling may take that many times what its products take in training. */
const samplingOverhead = 2;

/** Milliseconds of a training step of the preset `tiny` on the machine of the cost models, and how far off others may be. */
const [tinyStepMilliseconds, unmeasuredFactor] = [27.5, 2];

/** Estimates from the time of a training step, which is measured or follows from the doctor's speed. */
function estimateFromSpeed(
  { db, report, slowness }: SpeedSources,
  config: RunConfig,
  products: number,
): TimeEstimate {
  const pace = estimatePace(config, db === null ? [] : listSpeeds(db), report);
  const { milliseconds, range, explanation } = pace;
  const toSeconds = (each: number) => ((each / 1000) * 2 * products) / countStepOperations(config);
  if (milliseconds === null || range === null) {
    const nothing = 'Nothing similar has been filled in, trained or measured on this machine yet';
    if (slowness === undefined) return { seconds: null, range: null, explanation: `${nothing}.` };
    const operations = countStepOperations(config) / countStepOperations(resolvePreset(tiny));
    const seconds = toSeconds(tinyStepMilliseconds * operations * slowness());
    return {
      seconds,
      range: [seconds / unmeasuredFactor, samplingOverhead * seconds * unmeasuredFactor],
      explanation: `${nothing}: from a short test of the processor.`,
    };
  }
  return {
    seconds: toSeconds(milliseconds),
    range: [toSeconds(range[0]), samplingOverhead * toSeconds(range[1])],
    explanation: `From the time of a training step. ${explanation}`,
  };
}

/** The cost model of classical methods is that of one machine; with a test of the processor it is closer. */
const [otherMachineFactor, testedFactor] = [3, 2];

function estimateClassical(
  sources: SpeedSources,
  earlier: readonly MeasuredInpainting[],
  { method, image }: { readonly method: ClassicalTraits['scoredAs']; readonly image: ImageWork },
): TimeEstimate {
  const expect = (work: ImageWork) => {
    const pixels = work.width * work.height;
    return Math.max(
      1,
      expectClassical(method, { pixels, unknown: (1 - work.known) * pixels, channels: work.channels }),
    );
  };
  const measured = earlier.flatMap((one): Measured[] => {
    const isOwn = one.result.nfe === 0;
    const row = one.result.scores.find((score) => score.method === method);
    // A result of a classical method has its time in the row of the result.
    const seconds = row?.seconds ?? (isOwn ? ownSeconds(one, method) : undefined);
    return seconds === undefined ? [] : [{ work: expect(workOf(one)), seconds }];
  });
  if (measured.length > 0) return estimateFromMeasured(measured, expect(image), 'by this method');
  return fromModel(sources, expect(image) / 1000);
}

/** Returns the seconds of the result if this method, which then has no other row, computed it. */
function ownSeconds({ result }: MeasuredInpainting, method: ClassicalTraits['scoredAs']): number | undefined {
  const others = result.scores.map((score) => score.method);
  const names = Object.values(classicalMethods).map(({ scoredAs }) => scoredAs);
  const isMissing = names.every((name) => (name === method) !== others.includes(name));
  return isMissing ? result.scores.find((score) => score.method === 'result')?.seconds : undefined;
}

function fromModel({ slowness }: SpeedSources, ofModel: number): TimeEstimate {
  const seconds = ofModel * (slowness?.() ?? 1);
  const factor = slowness ? testedFactor : otherMachineFactor;
  const test = slowness ? ' and a short test of the processor' : '';
  return {
    seconds,
    range: [seconds / factor, seconds * factor],
    explanation: `From the number of hidden pixels${test}; nothing has been filled in on this machine yet.`,
  };
}

/** The classical methods of an evaluation. */
function estimateBaselines(
  sources: SpeedSources,
  earlier: readonly MeasuredEvaluation[],
  { image, images }: { readonly image: ImageWork; readonly images: number },
): TimeEstimate {
  const measured = earlier.map(({ config, images: count, methods }): Measured => {
    const seconds = methods.reduce((sum, method) => sum + (method.nfe === 0 ? method.seconds : 0), 0);
    return { work: count * config.data.imageSize ** 2, seconds };
  });
  const work = images * image.width * image.height;
  const known = measured.filter(({ seconds }) => seconds > 0);
  if (known.length > 0) return estimateFromMeasured(known, work, 'by these methods');
  const pixels = image.width * image.height;
  const each = Object.values(classicalMethods).map(({ scoredAs }) =>
    expectClassical(scoredAs, { pixels, unknown: (1 - image.known) * pixels }),
  );
  return fromModel(sources, (images * each.reduce((sum, one) => sum + one, 0)) / 1000);
}

/** Earlier versions did not store what was touched: of scattered pixels everything is, of holes about what is unknown. */
function workOf({ result }: MeasuredInpainting): ImageWork {
  const { width, height, channels = 1, observed } = result;
  const known = observed / (width * height * channels);
  return {
    width,
    height,
    channels,
    known,
    touched: result.touched ?? (known < 0.5 ? 1 : Math.min(1, 2 * (1 - known))),
  };
}

function isSameNetwork(one: RunConfig, other: RunConfig): boolean {
  const networkOf = ({ field, data }: RunConfig) => JSON.stringify([field, data.imageSize]);
  return networkOf(one) === networkOf(other);
}

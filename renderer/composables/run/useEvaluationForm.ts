/** The form for a new evaluation: its fields and their validation errors. */

import { computed, reactive, type ComputedRef } from 'vue';
import type { RunConfig } from '../../../shared/config/config.ts';
import { evaluationsPerStep, type SolverName } from '../../../shared/config/samplerConfig.ts';
import {
  type BayerPhase,
  defaultMixture,
  defaultPhase,
  evaluationLaw,
  type MaskLaw,
  usedOptions,
} from '../../../shared/masks/laws.ts';
import { formatCount, formatPlural } from '../../../shared/text/format.ts';
import { evaluationRequestSchema } from '../../../shared/contract/training.ts';
import { asSentence } from '../../models/forms/checkInputs.ts';
import { findNumberProblems, readNumberField } from '../../models/forms/numberText.ts';
import { keptAverages, type Averaging, type WeightsChoice } from '../../../shared/config/keptAverages.ts';

const settingsSchema = evaluationRequestSchema.omit({ id: true });

export interface EvaluationFieldValues {
  images: string;
  samples: string;
  solver: SolverName;
  steps: string;
  /** Whether quality is measured against the number of function evaluations. */
  isCurve: boolean;
  /** Solvers and numbers of steps of the curve, which replace `solver` and `steps`. */
  curveSolvers: SolverName[];
  curveSteps: string;
  maskLaw: MaskLaw;
  keepRatio: string;
  /** Empty: from small to large. */
  markSize: string;
  blocks: string;
  /** The text of a mixture, see `parseMixture`. */
  mixture: string;
  phase: BayerPhase;
  maskSeed: string;
  observationNoise: string;
  symmetries: number;
  /** Decay of an EMA of the weights; `off`; or `main` for the main one of each run. */
  ema: string;
  /** null: the dataset each run was trained on. */
  datasetId: string | null;
}

export interface EvaluationChoice<Value> {
  readonly value: Value;
  readonly title: string;
}

export interface UseEvaluationFormReturn {
  readonly fields: EvaluationFieldValues;
  /** null while a field is invalid. */
  readonly settings: ComputedRef<ReturnType<typeof settingsSchema.parse> | null>;
  /** Validation errors by field name. */
  readonly problems: ComputedRef<Readonly<Record<string, string>>>;
  readonly cost: ComputedRef<string>;
  /** EMAs of the weights to choose from. */
  readonly averages: ComputedRef<readonly EvaluationChoice<string>[]>;
  /** Fills in solver and mask from the configuration of the first run. */
  reset(): void;
  /** Chooses whether to measure a curve, which needs several samples. */
  chooseCurve(isCurve: boolean): void;
}

/** As the steps of samplers that are compared in papers: each doubles the cost. */
const defaultCurveSteps = '1, 2, 4, 8, 16';
/** Enough for a CRPS; as many as the terminal takes. */
const curveSamples = 4;

/** @param configs Configurations of the runs to evaluate, at least one. */
export function useEvaluationForm(configs: () => readonly RunConfig[]): UseEvaluationFormReturn {
  const fields = reactive<EvaluationFieldValues>({
    images: '100',
    samples: '1',
    solver: 'heun',
    steps: '10',
    isCurve: false,
    curveSolvers: ['heun'],
    curveSteps: defaultCurveSteps,
    maskLaw: 'numpy',
    keepRatio: '',
    markSize: '',
    blocks: '1',
    mixture: defaultMixture,
    phase: defaultPhase,
    maskSeed: '',
    observationNoise: '0',
    symmetries: 1,
    ema: 'main',
    datasetId: null,
  });
  const parsed = computed(() => parseFields(fields));
  return {
    fields,
    settings: computed(() => (curveIssues(fields).length > 0 ? null : (parsed.value.data ?? null))),
    problems: computed(() => ({
      ...Object.fromEntries(
        [...(parsed.value.error?.issues ?? []), ...curveIssues(fields)].map(({ path, message }) => [
          fieldOf(path),
          asSentence(message),
        ]),
      ),
      ...findNumberProblems(numbersOf(fields), { mayBeEmpty: true }),
    })),
    averages: computed(() => listAverages(configs().map(({ optim }) => optim))),
    cost: computed(() => describeCost(fields, configs()[0].sampler.correctorSteps)),
    reset() {
      const { sampler, mask } = configs()[0];
      const { law, markSize, blocks = 1, mixture = mask.mixture, phase = mask.phase } = evaluationLaw(mask);
      Object.assign(fields, {
        solver: sampler.solver,
        steps: String(sampler.steps),
        isCurve: false,
        curveSolvers: [sampler.solver],
        curveSteps: defaultCurveSteps,
        maskLaw: law,
        keepRatio: String(mask.keepRatio),
        markSize: markSize ? String(markSize) : '',
        blocks: String(blocks),
        mixture,
        phase,
        maskSeed: String(mask.seed),
        observationNoise: String(mask.observationNoise),
        symmetries: sampler.symmetries,
        ema: 'main',
        datasetId: null,
      });
    },
    chooseCurve(isCurve) {
      fields.isCurve = isCurve;
      if (isCurve && (readNumberField(fields.samples) ?? 0) < 2) fields.samples = String(curveSamples);
    },
  };
}

/** Returns the name of the field that an issue is about. */
function fieldOf([first, second]: readonly PropertyKey[]): string {
  if (first !== 'curve') return String(first);
  return second === 'solvers' ? 'curveSolvers' : 'curveSteps';
}

function curveIssues({ isCurve, samples }: EvaluationFieldValues) {
  const message = 'A curve needs at least 2.';
  return isCurve && (readNumberField(samples) ?? 0) < 2 ? [{ path: ['samples'], message }] : [];
}

/** Returns the fields that hold a number. An empty one is omitted, so that the main side chooses the default. */
function numbersOf(fields: EvaluationFieldValues) {
  const { images, samples, steps, keepRatio, markSize, blocks, maskSeed, observationNoise } = fields;
  return { images, samples, steps, keepRatio, markSize, blocks, maskSeed, observationNoise };
}

function parseFields({
  solver,
  symmetries,
  maskLaw,
  phase,
  ema,
  datasetId,
  isCurve,
  curveSolvers,
  curveSteps,
  ...texts
}: EvaluationFieldValues) {
  return settingsSchema.safeParse({
    solver,
    symmetries,
    images: readNumberField(texts.images),
    samples: readNumberField(texts.samples),
    steps: readNumberField(texts.steps),
    curve: isCurve ? { solvers: curveSolvers, steps: readCounts(curveSteps) } : undefined,
    keepRatio: readNumberField(texts.keepRatio),
    maskLaw,
    ...usedOptions({
      law: maskLaw,
      markSize: readNumberField(texts.markSize),
      blocks: readNumberField(texts.blocks),
      mixture: texts.mixture,
      phase,
    }),
    maskSeed: readNumberField(texts.maskSeed),
    observationNoise: readNumberField(texts.observationNoise),
    ema: readAverage(ema),
    datasetId: datasetId ?? undefined,
  });
}

function describeCost(fields: EvaluationFieldValues, correctorSteps: number): string {
  if (fields.isCurve) return describeCurveCost(fields, correctorSteps);
  const { solver, steps } = fields;
  const each = evaluationsPerStep(solver, correctorSteps);
  const count = each
    ? `At most ${(readNumberField(steps) || 0) * each} function evaluations per sample.`
    : 'The number of function evaluations depends on the tolerance.';
  return `${count} Runs when the machine is free.`;
}

function describeCurveCost(
  { curveSolvers, curveSteps }: EvaluationFieldValues,
  correctorSteps: number,
): string {
  const counts = readCounts(curveSteps).filter((count) => Number.isFinite(count));
  const settings = `${formatPlural(curveSolvers.length * counts.length, 'setting')} of the sampler`;
  const perStep = curveSolvers.map((solver) => evaluationsPerStep(solver, correctorSteps));
  if (perStep.some((each) => each === null))
    return `${settings}. An adaptive solver takes as many function evaluations as its tolerance needs. Runs when the machine is free.`;
  const perSample = perStep.flatMap((each) => counts.map((count) => (each ?? 0) * count));
  const most = perSample.reduce((sum, each) => sum + each, 0);
  return `${settings}, at most ${formatCount(most)} function evaluations per sample in all. Runs when the machine is free.`;
}

/** Reads whole numbers separated by commas or spaces; anything else becomes NaN, which the schema refuses. */
function readCounts(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
}

/** Returns the main EMA, the decays that every run keeps, and `off`. */
export function listAverages(runs: readonly Averaging[]): EvaluationChoice<string>[] {
  const kept = runs.map((run) => keptAverages(run).map(({ decay }) => decay));
  const mains = [...new Set(kept.map((decays) => decays.at(0) ?? null))];
  const main =
    mains.length > 1
      ? 'the main one of each run'
      : mains[0] === null
        ? 'none is kept'
        : `${mains[0]}, the main one`;
  const shared = kept[0].filter((decay) => kept.every((decays) => decays.includes(decay)));
  const others = shared.filter((decay) => mains.length > 1 || decay !== mains[0]);
  return [
    { value: 'main', title: main[0].toUpperCase() + main.slice(1) },
    ...others.map((decay) => ({ value: String(decay), title: String(decay) })),
    ...(mains.some((decay) => decay !== null)
      ? [{ value: 'off', title: 'Off: weights of the last step' }]
      : []),
  ];
}

function readAverage(text: string): WeightsChoice | undefined {
  if (text === 'main') return undefined;
  return text === 'off' ? 'off' : Number(text);
}

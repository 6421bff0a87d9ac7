/** The settings for filling in an image, and the request they result in. */

import {
  classicalMethodSchema,
  drawnMaskSchema,
  inpaintingFields,
  isPosteriorMean,
  posteriorMean,
  type ClassicalMethod,
  type DrawnMask,
  type InpaintingRequest,
} from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';

/** `guess`: the posterior mean. `mean`: that of several samples. The names are stored. */
const resultKinds = ['guess', 'sample', 'mean'] as const;
export type ResultKind = (typeof resultKinds)[number];

const samplingSchema = inpaintingFields.pick({
  fit: true,
  scale: true,
  solver: true,
  steps: true,
  seed: true,
});

/** Settings that are kept between images. */
export interface InpaintingForm extends Pick<
  InpaintingRequest,
  'fit' | 'scale' | 'solver' | 'steps' | 'seed'
> {
  /** null selects the newest run that can be sampled, or without any the default method. */
  readonly runId: string | null;
  /** Classical method that fills in instead of a run; null for a run. */
  readonly method: ClassicalMethod | null;
  readonly result: ResultKind;
  /** Symmetries of the image that a posterior mean is averaged over; `run`: as many as in evaluations of the run. */
  readonly symmetries: NonNullable<InpaintingRequest['symmetries']> | 'run';
  /** Number of samples of a mean. */
  readonly samples: number;
  /** Pattern settings used last. */
  readonly mask: DrawnMask;
}

const meanSamples = 8;

/** Parses the stored settings; invalid parts get their defaults. */
export function readForm(text: string): InpaintingForm {
  const stored = parseRecord(text);
  const { runId, samples, symmetries } = inpaintingFields.shape;
  const { fit, scale, solver, steps, seed } = stored;
  return {
    ...(samplingSchema.safeParse({ fit, scale, solver, steps, seed }).data ?? samplingSchema.parse({})),
    runId: runId.safeParse(stored.runId).data ?? null,
    method: classicalMethodSchema.safeParse(stored.method).data ?? null,
    result: resultKinds.find((kind) => kind === stored.result) ?? 'guess',
    symmetries: symmetries.safeParse(stored.symmetries).data ?? 'run',
    samples: (typeof stored.samples === 'number' && samples.safeParse(stored.samples).data) || meanSamples,
    mask: drawnMaskSchema.safeParse(stored.mask).data ?? drawnMaskSchema.parse({ kind: 'drawn' }),
  };
}

export function emptyForm(): InpaintingForm {
  return readForm('');
}

function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Returns the part of the request that depends only on the form. */
export function toSampling(
  form: InpaintingForm,
): Pick<
  InpaintingRequest,
  'fit' | 'scale' | 'seed' | 'solver' | 'steps' | 'samples' | 'symmetries' | 'bounded'
> {
  const { fit, scale, solver, steps, seed, samples, symmetries } = form;
  const common = { fit, scale, seed };
  if (form.result === 'guess')
    return { ...common, ...posteriorMean, ...(symmetries !== 'run' && { symmetries }) };
  return { ...common, solver, steps, samples: form.result === 'mean' ? samples : 1, bounded: true };
}

/**
 * Returns the solver and steps for samples of a request: its own, those that a preview leaves aside, or the defaults where it is
 * for the posterior mean.
 */
export function samplePlan(
  request: InpaintingRequest,
): Pick<InpaintingRequest, 'solver' | 'steps' | 'symmetries' | 'bounded' | 'previewOf'> {
  const { solver, steps } = isPosteriorMean(request) ? samplingSchema.parse({}) : request;
  return {
    solver,
    steps: request.previewOf?.steps ?? steps,
    symmetries: undefined,
    bounded: true,
    previewOf: undefined,
  };
}

/** Applies the settings of an earlier request; the others stay unchanged. */
export function fromRequest(form: InpaintingForm, request: InpaintingRequest): InpaintingForm {
  const { runId, method, fit, scale, solver, seed } = request;
  const mask = request.mask.kind === 'drawn' ? request.mask : form.mask;
  if (runId === undefined) return { ...form, method: method ?? null, scale, mask };
  const { steps, samples } = request.previewOf ?? request;
  const isGuess = isPosteriorMean(request);
  return {
    ...form,
    runId,
    method: null,
    fit,
    scale,
    seed,
    result: isGuess ? 'guess' : samples > 1 ? 'mean' : 'sample',
    ...(isGuess ? { symmetries: request.symmetries ?? 1 } : { solver, steps }),
    samples: samples > 1 ? samples : form.samples,
    mask,
  };
}

/** Returns why the inpainting cannot be started; null if it can. */
export function findObstacle(
  form: Pick<InpaintingForm, 'fit' | 'scale'>,
  {
    known,
    total,
    width,
    height,
  }: {
    readonly known: number;
    readonly total: number;
    readonly width: number;
    readonly height: number;
  },
): string | null {
  if (known === 0) return 'No pixels are known. Reveal at least one.';
  if (known === total && form.scale === 1)
    return 'All pixels are known, so there is nothing to fill in. Paint over what to hide, or choose a pattern.';
  const pixels = width * height * form.scale ** 2;
  if (form.fit === 'whole' && pixels > imageLimits.fullPixels) {
    const found = `${width * form.scale} × ${height * form.scale} pixels`;
    return `The result would have ${found}, but at most ${imageLimits.fullPixels / 1e6} megapixels are supported. Choose a smaller size.`;
  }
  return null;
}

/** Returns whether the pattern is generated again for the shrunk image. */
export function hasOwnPattern(form: Pick<InpaintingForm, 'fit'>, source: { readonly kind: string }): boolean {
  return form.fit === 'fit' && source.kind === 'drawn';
}

/** What the settings beside a picture hold, and the request they come to. */

import {
  drawnMaskSchema,
  inpaintingRequestSchema,
  type DrawnMask,
  type InpaintingRequest,
} from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';

const resultKinds = ['guess', 'sample', 'mean'] as const;
export type ResultKind = (typeof resultKinds)[number];

const samplingSchema = inpaintingRequestSchema.pick({
  ...{ fit: true, scale: true, solver: true, steps: true, seed: true },
});

/** Kept from one picture to the next. */
export interface InpaintingForm extends Pick<
  InpaintingRequest,
  'fit' | 'scale' | 'solver' | 'steps' | 'seed'
> {
  /** null: the newest that can be sampled. */
  readonly runId: string | null;
  readonly result: ResultKind;
  /** Of a mean. */
  readonly samples: number;
  /** The rule that was used last. */
  readonly mask: DrawnMask;
}

const meanSamples = 8;

/** The defaults in place of each part that does not fit. */
export function readForm(text: string): InpaintingForm {
  const kept = parseRecord(text);
  const { runId, samples } = inpaintingRequestSchema.shape;
  const { fit, scale, solver, steps, seed } = kept;
  return {
    ...(samplingSchema.safeParse({ fit, scale, solver, steps, seed }).data ?? samplingSchema.parse({})),
    runId: runId.safeParse(kept.runId).data ?? null,
    result: resultKinds.find((kind) => kind === kept.result) ?? 'sample',
    samples: (typeof kept.samples === 'number' && samples.safeParse(kept.samples).data) || meanSamples,
    mask: drawnMaskSchema.safeParse(kept.mask).data ?? drawnMaskSchema.parse({ kind: 'drawn' }),
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

/** What the form says besides the picture, the mask and whether its hidden pixels are true. */
export function toSampling(form: InpaintingForm) {
  const { fit, scale, solver, steps, seed, samples } = form;
  const common = { fit, scale, seed };
  if (form.result === 'guess') return { ...common, solver: 'euler', steps: 1, samples: 1 } as const;
  return { ...common, solver, steps, samples: form.result === 'mean' ? samples : 1 };
}

/** The form as it was when a request was made; what the request does not tell stays. */
export function fromRequest(form: InpaintingForm, request: InpaintingRequest): InpaintingForm {
  const { runId, fit, scale, solver, steps, seed, samples, mask } = request;
  const isGuess = solver === 'euler' && steps === 1 && samples === 1;
  return {
    ...{ ...form, runId, fit, scale, seed },
    result: isGuess ? 'guess' : samples > 1 ? 'mean' : 'sample',
    ...(isGuess ? {} : { solver, steps }),
    samples: samples > 1 ? samples : form.samples,
    mask: mask.kind === 'drawn' ? mask : form.mask,
  };
}

/** What stands in the way of a start, for people; null: nothing. */
export function findObstacle(
  form: Pick<InpaintingForm, 'fit' | 'scale'>,
  { known, width, height }: { readonly known: number; readonly width: number; readonly height: number },
): string | null {
  if (known === 0) return 'No pixel is known: make at least one known.';
  if (known === width * height && form.scale === 1)
    return 'Every pixel is known, so there is nothing to fill in: hide some.';
  const pixels = width * height * form.scale ** 2;
  if (form.fit === 'whole' && pixels > imageLimits.fullPixels) {
    const found = `${width * form.scale} × ${height * form.scale} pixels`;
    return `The result would have ${found}, at most ${imageLimits.fullPixels / 1e6} megapixels are possible: choose a smaller one.`;
  }
  return null;
}

/** Whether the pattern is drawn once more, for the small picture that `fit` makes. */
export function isDrawnAnew(form: Pick<InpaintingForm, 'fit'>, source: { readonly kind: string }): boolean {
  return form.fit === 'fit' && source.kind === 'drawn';
}

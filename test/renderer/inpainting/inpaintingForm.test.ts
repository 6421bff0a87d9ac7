import { describe, expect, it } from 'vitest';
import { inpaintingRequestSchema, posteriorMean } from '../../../shared/inpainting.ts';
import {
  emptyForm,
  findObstacle,
  fromRequest,
  readForm,
  samplePlan,
  toSampling,
} from '../../../renderer/models/inpainting/inpaintingForm.ts';

const requested = inpaintingRequestSchema.parse({
  pictureId: '0123456789abcdef',
  runId: 'abcdefgh',
  mask: { kind: 'drawn', pattern: 'grid' },
  bounded: true,
});

describe('the settings of an inpainting', () => {
  it('start with the posterior mean, and for samples with the defaults of the request', () => {
    expect({ ...requested, ...toSampling(emptyForm()) }).toEqual({ ...requested, ...posteriorMean });
    const sampled = { ...emptyForm(), result: 'sample' } as const;
    expect({ ...requested, ...toSampling(sampled) }).toEqual(requested);
    expect(emptyForm().mask).toEqual({ ...requested.mask, pattern: 'uniform' });
  });

  it('are restored from storage, with defaults for invalid parts', () => {
    const form = { ...emptyForm(), runId: 'abcdefgh', steps: 25, result: 'mean', samples: 3 } as const;
    expect(readForm(JSON.stringify(form))).toEqual(form);
    expect(readForm(JSON.stringify({ ...form, solver: 'magic', samples: -1, mask: 5 }))).toEqual({
      ...emptyForm(),
      runId: 'abcdefgh',
      result: 'mean',
    });
    for (const text of ['', 'null', '[]', '{', '7']) expect(readForm(text)).toEqual(emptyForm());
  });

  it('take over a classical method and leave the settings of networks alone, and the other way round', () => {
    const form = { ...emptyForm(), runId: 'abcdefgh', fit: 'fit', result: 'mean', samples: 3 } as const;
    const classical = inpaintingRequestSchema.parse({
      ...requested,
      runId: undefined,
      method: 'telea',
      scale: 2,
    });
    const taken = fromRequest(form, classical);
    expect(taken).toEqual({ ...form, method: 'telea', scale: 2, mask: requested.mask });
    expect(readForm(JSON.stringify(taken))).toEqual(taken);
    expect(readForm(JSON.stringify({ ...taken, method: 'magic' })).method).toBeNull();
    expect(fromRequest(taken, requested)).toMatchObject({ method: null, runId: 'abcdefgh', fit: 'whole' });
  });

  it('request the posterior mean of the self-ensemble regardless of the other settings', () => {
    const form = { ...emptyForm(), result: 'guess', steps: 40, samples: 8 } as const;
    expect(toSampling(form)).toMatchObject({ solver: 'ddim', steps: 1, samples: 1 });
    expect(toSampling(form).symmetries).toBeUndefined();
    expect(toSampling({ ...form, symmetries: 2 })).toMatchObject({ symmetries: 2 });
    expect(toSampling({ ...form, result: 'sample' }).symmetries).toBeUndefined();
    expect(toSampling({ ...form, result: 'mean' })).toMatchObject({ solver: 'heun', steps: 40, samples: 8 });
    expect(toSampling({ ...form, result: 'sample' })).toMatchObject({ steps: 40, samples: 1 });
  });

  it('draw samples of a posterior mean with the default solver, and of others with their own', () => {
    expect(samplePlan({ ...requested, ...posteriorMean })).toEqual({
      solver: 'heun',
      steps: 10,
      bounded: true,
    });
    const mean = { ...requested, ...posteriorMean, symmetries: 8 } as const;
    const sampled = { ...mean, ...samplePlan(mean) };
    expect(inpaintingRequestSchema.safeParse(sampled).error).toBeUndefined();
    expect(samplePlan({ ...requested, solver: 'rk4', steps: 3 })).toMatchObject({ solver: 'rk4', steps: 3 });
  });

  it('keep the steps and samples that a quick preview leaves aside', () => {
    const previewOf = { steps: 40, samples: 8 };
    const preview = { ...requested, solver: 'rk4', steps: 4, samples: 1, previewOf } as const;
    expect(samplePlan(preview)).toMatchObject({ solver: 'rk4', steps: 40, previewOf: undefined });
    expect(fromRequest(emptyForm(), preview)).toMatchObject({ steps: 40, samples: 8, result: 'mean' });
  });

  it('reproduce the earlier request they were taken from', () => {
    for (const patch of [
      {},
      { samples: 5, steps: 3, solver: 'rk4' },
      { solver: 'euler', steps: 1 },
      { ...posteriorMean, symmetries: 1 },
      { ...posteriorMean, symmetries: 8 },
      { fit: 'fit', scale: 4, seed: 9 },
    ] as const) {
      const request = { ...requested, ...patch };
      const form = fromRequest(emptyForm(), request);
      expect({ ...request, ...toSampling(form) }).toEqual(request);
      expect(form).toMatchObject({ runId: 'abcdefgh', mask: { pattern: 'grid' } });
    }
  });
});

describe('the obstacle to a start', () => {
  const form = emptyForm();

  it('is a mask without known or without hidden pixels', () => {
    expect(findObstacle(form, { known: 0, total: 16, width: 4, height: 4 })).toContain('No pixels are known');
    expect(findObstacle(form, { known: 16, total: 16, width: 4, height: 4 })).toContain(
      'All pixels are known',
    );
    expect(findObstacle(form, { known: 15, total: 16, width: 4, height: 4 })).toBeNull();
    expect(findObstacle({ ...form, scale: 2 }, { known: 16, total: 16, width: 4, height: 4 })).toBeNull();
  });

  it('of a mask for each channel counts values', () => {
    expect(findObstacle(form, { known: 16, total: 48, width: 4, height: 4 })).toBeNull();
    expect(findObstacle(form, { known: 48, total: 48, width: 4, height: 4 })).toContain(
      'All pixels are known',
    );
  });

  it('is a result with too many pixels', () => {
    const large = { known: 9, total: 4096 * 3000, width: 4096, height: 3000 };
    expect(findObstacle({ ...form, scale: 2 }, large)).toContain(
      '8192 × 6000 pixels, but at most 40 megapixels',
    );
    expect(findObstacle({ fit: 'fit', scale: 4 }, large)).toBeNull();
  });
});

/** Parity of the masks and of the classical methods. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { imageAt, observe } from '../../../shared/images/image.ts';
import { createMaskSource } from '../../datasets/masks.ts';
import { openDataset } from '../../datasets/registry.ts';
import { evaluateClassical } from '../../engine/classical/evaluateClassical.ts';
import { type ClassicalMethodName, classicalMethodNames } from '../../engine/classical/registry.ts';
import { meanAbsoluteError } from '../../engine/metrics/pixelErrors.ts';
import { meanSquaredError } from '../../engine/metrics/pixelErrors.ts';
import { psnr } from '../../engine/metrics/pixelErrors.ts';
import { ssim } from '../../engine/metrics/ssim.ts';
import { readSafetensors, tensorNamed } from '../../store/files/safetensors.ts';
import { checkError, type ParityCheck } from './referenceFile.ts';

interface ExpectedMasks {
  readonly seed: number;
  readonly image_size: number;
  readonly input_ratio: number;
  readonly output_ratio: number;
  readonly [list: string]: unknown;
}

interface ExpectedClassical {
  readonly images: number;
  readonly mask_seed: number;
  readonly methods: Readonly<Record<string, { psnr_mean: number; ssim_mean: number }>>;
}

/** `masks.json`: how many indices differ, and whether the digest over whole permutations agrees; both must be 0. */
export function checkMasks(path: string): ParityCheck[] {
  const expected = JSON.parse(readFileSync(path, 'utf8')) as ExpectedMasks;
  const side = expected.image_size;
  const common = { law: 'numpy', seed: expected.seed, width: side, height: side } as const;
  const masks = createMaskSource({
    ...common,
    keepRatio: expected.input_ratio,
    targetRatio: expected.output_ratio,
  });
  const differing = (name: string, of: 'observed' | 'target') => {
    const lists = expected[name] as number[][];
    const wrong = lists.flatMap((list, image) =>
      list.filter((pixel, at) => masks.maskOf(image)[of][at] !== pixel),
    );
    return checkError(`masks ${name}`, wrong.length, 0);
  };
  const whole = createMaskSource({ ...common, keepRatio: 1, targetRatio: 1 });
  const digests = Object.entries(expected).filter(([name]) => name.includes('sha256'));
  return [
    ...(['first_inputs', 'first_outputs'] as const)
      .filter((name) => name in expected)
      .map((name) => differing(name, name === 'first_inputs' ? 'observed' : 'target')),
    ...digests.map(([name, digest]) =>
      checkError(`masks ${name}`, digestPermutations(whole.maskOf, 1000) === digest ? 0 : 1, 0),
    ),
  ];
}

/** SHA-256 of the first permutations as int32, little-endian. */
function digestPermutations(maskOf: (image: number) => { observed: Int32Array }, count: number): string {
  const hash = createHash('sha256');
  for (let image = 0; image < count; image++) {
    const { observed } = maskOf(image);
    const bytes = Buffer.alloc(observed.length * 4);
    observed.forEach((pixel, at) => bytes.writeInt32LE(pixel, at * 4));
    hash.update(bytes);
  }
  return hash.digest('hex');
}

/** `classical.json` on the test images of a CIFAR-10 source. */
export async function checkClassical(
  path: string,
  options: { source: string; cacheFolder: string },
): Promise<ParityCheck[]> {
  const expected = JSON.parse(readFileSync(path, 'utf8')) as ExpectedClassical;
  const dataset = await openDataset(options.source, {
    split: 'test',
    imageSize: 32,
    cacheFolder: options.cacheFolder,
  });
  const truth = dataset.readImages(Array.from({ length: expected.images }, (_, index) => index));
  const masks = createMaskSource({
    law: 'numpy',
    seed: expected.mask_seed,
    width: truth.width,
    height: truth.height,
    keepRatio: 0.2,
    targetRatio: 0.2,
  });
  const observations = Array.from({ length: truth.count }, (_, index) =>
    observe(imageAt(truth, index), masks.maskOf(index).observed),
  );
  const rows = await evaluateClassical({ truth, observations });
  return classicalMethodNames.flatMap((method) => {
    const values = expected.methods[referenceName(method)];
    const row = rows.find((candidate) => candidate.method === method);
    if (!values || !row) return [];
    return [
      checkError(
        `classical ${method} psnr`,
        Math.abs((row.psnr ?? Number.POSITIVE_INFINITY) - values.psnr_mean),
        0.05,
      ),
      checkError(`classical ${method} ssim`, Math.abs(row.ssim - values.ssim_mean), 0.002),
    ];
  });
}

function referenceName(method: ClassicalMethodName): string {
  return method.replace(' ', '_');
}

type ExpectedMetrics = Readonly<Record<string, number | null>>;

const tolerance = 1e-6;

/** Absolute error of every metric, largest over the images. */
export function checkMetrics(tensorPath: string, valuePath: string): ParityCheck[] {
  const { tensors } = readSafetensors(tensorPath);
  const target = tensorNamed(tensors, 'target');
  const prediction = tensorNamed(tensors, 'prediction');
  const [, height, width] = target.shape;
  const size = height * width * 3;
  const expected = JSON.parse(readFileSync(valuePath, 'utf8')) as ExpectedMetrics[];
  const found = expected.map((_, image) => {
    const part = (data: typeof target.data) =>
      Float64Array.from(data.subarray(image * size, (image + 1) * size), Number);
    return measure(part(target.data), part(prediction.data), { height, width });
  });
  return Object.keys(found[0]).map((name) => {
    const errors = expected.map((values, image) => difference(found[image][name], values[name]));
    return checkError(`metrics ${name}`, Math.max(...errors), tolerance);
  });
}

function measure(
  target: Float64Array,
  prediction: Float64Array,
  size: { height: number; width: number },
): Record<string, number> {
  return {
    mse: meanSquaredError(target, prediction),
    mae: meanAbsoluteError(target, prediction),
    psnr: psnr(target, prediction),
    ssim_uniform7: ssim(target, prediction, { ...size, window: 'uniform' }),
    ssim_gaussian11: ssim(target, prediction, { ...size, window: 'gaussian' }),
  };
}

/** null means infinite. */
function difference(found: number, expected: number | null | undefined): number {
  if (expected === null) return found === Number.POSITIVE_INFINITY ? 0 : Number.POSITIVE_INFINITY;
  return expected === undefined ? Number.POSITIVE_INFINITY : Math.abs(found - expected);
}

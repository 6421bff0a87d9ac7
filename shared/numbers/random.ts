/**
 * Counter-based random numbers: every number is a pure function of (seed, stream, step, index), so that only integers need
 * to be saved and the order of evaluation does not matter.
 * Philox-4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.
 */

/** One independent sequence per purpose. The numbers are part of the stored format: never change them. */
export const streams = {
  initialisation: 1,
  order: 2,
  mask: 3,
  augmentation: 4,
  time: 5,
  noise: 6,
  dropout: 7,
  sampling: 8,
  synthetic: 9,
  maskChoice: 10,
  target: 11,
  solver: 12,
  keepRatio: 13,
  shortcut: 14,
  shortcutSize: 15,
  bootstrap: 20,
  patternMask: 21,
  maskImage: 31,
  maskShape: 32,
  maskTarget: 33,
  mixture: 34,
  observationNoise: 35,
  trainingNoise: 36,
  crop: 41,
  fixedCrop: 42,
  photographPart: 43,
  sweep: 61,
  shapes: 51,
} as const;
export type Stream = keyof typeof streams;

/** The key of a sequence. All members are integers ≥ 0; `step` may be up to 2^53. */
export interface RandomKey {
  readonly seed: number;
  readonly stream: Stream;
  /** Training step, epoch or image index that the draw belongs to. */
  readonly step: number;
}

const multiplierA = 0xd2511f53;
const multiplierB = 0xcd9e8d57;

/** Returns the high 32 bits of a 32×32-bit product, computed in 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** Writes one Philox block, 4 uint32, to `output` at `offset`. `counter` and `key` are four and two uint32. */
export function philox(
  counter: readonly number[],
  key: readonly number[],
  output: Uint32Array,
  offset = 0,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(multiplierA, c0);
    const low0 = Math.imul(multiplierA, c0);
    const high1 = multiplyHigh(multiplierB, c2);
    const low1 = Math.imul(multiplierB, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  output[offset] = c0;
  output[offset + 1] = c1;
  output[offset + 2] = c2;
  output[offset + 3] = c3;
}

/** Generates `count` uint32. */
export function randomBits(key: RandomKey, count: number): Uint32Array {
  const output = new Uint32Array(Math.ceil(count / 4) * 4);
  const stepLow = key.step >>> 0;
  const stepHigh = Math.floor(key.step / 0x100000000) >>> 0;
  const philoxKey = [
    key.seed >>> 0,
    (Math.floor(key.seed / 0x100000000) ^ Math.imul(streams[key.stream], 0x85ebca6b)) >>> 0,
  ];
  for (let block = 0; block * 4 < output.length; block++) {
    philox([block, stepLow, stepHigh, streams[key.stream]], philoxKey, output, block * 4);
  }
  return output.subarray(0, count);
}

/** Samples `count` uniform float32 in [0, 1) with 24 random bits each. */
export function randomUniforms(key: RandomKey, count: number): Float32Array {
  const bits = randomBits(key, count);
  const uniforms = new Float32Array(count);
  for (let index = 0; index < count; index++) uniforms[index] = (bits[index] >>> 8) / 0x1000000;
  return uniforms;
}

/** Samples `count` standard normal float32 (Box–Muller on 32-bit uniforms in (0, 1]). */
export function randomNormals(key: RandomKey, count: number): Float32Array {
  return toNormals(randomBits(key, count + (count % 2)), count);
}

/** Converts uint32 to `count` standard normals; needs one uint32 for each, and an even number of them. */
export function toNormals(bits: Uint32Array, count: number): Float32Array {
  const output = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log((bits[index] + 1) / 0x100000000));
    const angle = (2 * Math.PI * bits[index + 1]) / 0x100000000;
    output[index] = radius * Math.cos(angle);
    if (index + 1 < count) output[index + 1] = radius * Math.sin(angle);
  }
  return output;
}

/** Samples integers in [0, limit), `limit` ≤ 2^32; the modulo bias is below limit / 2^53. */
export function randomIntegers(key: RandomKey, count: number, limit: number): Int32Array {
  const bits = randomBits(key, count * 2);
  const scale = limit / 2 ** 53;
  const output = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const high = bits[2 * index] >>> 5;
    const low = bits[2 * index + 1] >>> 6;
    output[index] = Math.floor((high * 0x4000000 + low) * scale);
  }
  return output;
}

/** Returns the numbers 0 … length−1 in random order (Fisher–Yates). */
export function randomPermutation(key: RandomKey, length: number): Int32Array {
  const order = new Int32Array(length);
  for (let index = 0; index < length; index++) order[index] = index;
  const bits = randomBits(key, length);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor((bits[last] / 0x100000000) * (last + 1));
    const held = order[last];
    order[last] = order[other];
    order[other] = held;
  }
  return order;
}

/**
 * Kernels for WebGPU that TensorFlow.js lacks: stateless random numbers, Philox-4x32-10 as on the processor (Salmon et al.
 * 2011, "Parallel random numbers: as easy as 1, 2, 3", §3). Uniform numbers equal the processor's bit for bit; normal ones
 * to 2e-6, with logarithm, sine and cosine of our own, because those of a card may differ by far more: WGSL allows an error of
 * 2^-11, which is visible in Fourier features. The operations sine and cosine are replaced for the same reason, and sums because
 * cards read few tensors at a time.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as tfjs from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

/** The random kernels by the code that turns the four words of a block into four numbers. */
const conversions = {
  StatelessUniform: 'let numbers = vec4f(words >> vec4u(8u)) * 5.9604644775390625e-8;',
  StatelessNormal: 'let numbers = vec4f(normals(words.xy), normals(words.zw));',
} as const;
export type RandomKernel = keyof typeof conversions;

/** Coefficients of logarithm, sine and cosine: Moshier's Cephes library, single precision (logf.c, sinf.c). */
const normals = `
  fn logNear(x: f32) -> f32 {
    let z = x * x;
    var y = 7.0376836292e-2 * x - 1.1514610310e-1;
    y = y * x + 1.1676998740e-1;
    y = y * x - 1.2420140846e-1;
    y = y * x + 1.4249322787e-1;
    y = y * x - 1.6668057665e-1;
    y = y * x + 2.0000714765e-1;
    y = y * x - 2.4999993993e-1;
    y = y * x + 3.3333331174e-1;
    return x + (y * x * z - 0.5 * z);
  }

  // The logarithm of (word + 1) / 2^32, near 1 from the distance to 1, which float32 represents well.
  fn logUnit(word: u32) -> f32 {
    if (word >= 0xb5000000u) {
      return logNear(-f32(~word) * 2.3283064365386963e-10);
    }
    let whole = word + 1u;
    var exponent = f32(firstLeadingBit(whole)) - 32.0;
    var mantissa = f32(whole << (31u - firstLeadingBit(whole))) * 4.656612873077393e-10;
    if (mantissa > 1.41421356) {
      mantissa = mantissa * 0.5;
      exponent = exponent + 1.0;
    }
    return logNear(mantissa - 1.0) + exponent * -2.12194440e-4 + exponent * 0.693359375;
  }

  // Cosine and sine of word / 2^32 turns: the nearest quarter turn is split off exactly.
  fn direction(word: u32) -> vec2f {
    let quarter = (word + 0x20000000u) >> 30u;
    let angle = f32(bitcast<i32>(word - (quarter << 30u))) * 1.4629180792671596e-9;
    let z = angle * angle;
    let sine = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * angle + angle;
    let cosine = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
    if (quarter == 1u) { return vec2f(-sine, cosine); }
    if (quarter == 2u) { return vec2f(-cosine, -sine); }
    if (quarter == 3u) { return vec2f(sine, -cosine); }
    return vec2f(cosine, sine);
  }

  fn normals(pair: vec2u) -> vec2f {
    return sqrt(-2.0 * logUnit(pair.x)) * direction(pair.y);
  }
`;

const philox = `
  fn multiplyHigh(a: u32, b: u32) -> u32 {
    let aLow = a & 0xffffu;
    let aHigh = a >> 16u;
    let bLow = b & 0xffffu;
    let bHigh = b >> 16u;
    let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
    let other = aLow * bHigh + (middle & 0xffffu);
    return aHigh * bHigh + (middle >> 16u) + (other >> 16u);
  }

  fn philox(block: u32, seed: vec2u) -> vec4u {
    var c = vec4u(block, 0u, 0u, 0u);
    var key = seed;
    for (var round = 0; round < 10; round++) {
      let high = vec2u(multiplyHigh(0xd2511f53u, c.x), multiplyHigh(0xcd9e8d57u, c.z));
      let low = vec2u(0xd2511f53u * c.x, 0xcd9e8d57u * c.z);
      c = vec4u(high.y ^ c.y ^ key.x, low.y, high.x ^ c.w ^ key.y, low.x);
      key = key + vec2u(0x9e3779b9u, 0xbb67ae85u);
    }
    return c;
  }
`;

const workgroup = 64;

/** Runs a random kernel; `seed` is int32 [2]. The result is float32 of the shape. */
export function runRandomKernel(
  backend: WebGPUBackend,
  kernelName: RandomKernel,
  { seed, shape }: { readonly seed: TensorInfo; readonly shape: readonly number[] },
): TensorInfo {
  const count = shape.reduce((product, length) => product * length, 1);
  const program = {
    variableNames: ['seed'],
    outputShape: [...shape],
    workgroupSize: [workgroup, 1, 1] as [number, number, number],
    dispatchLayout: { x: shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(count / 4 / workgroup), 1, 1] as [number, number, number],
    shaderKey: kernelName,
    size: true,
    getUserCode: () => `
      ${philox}
      ${kernelName === 'StatelessNormal' ? normals : ''}
      fn main(block: i32) {
        let words = philox(u32(block), vec2u(bitcast<u32>(seed[0]), bitcast<u32>(seed[1])));
        ${conversions[kernelName]}
        for (var lane = 0; lane < 4; lane++) {
          let index = 4 * block + lane;
          if (index < uniforms.size) {
            result[index] = numbers[lane];
          }
        }
      }
    `,
  };
  return backend.runWebGPUProgram(program, [seed], 'float32');
}

/** Quarter turns by which the sine is ahead. */
const quarterOf = { Sin: 0, Cos: 1 } as const;

/** Replaces sine and cosine of the card by ones with an error of about 1e-7, for arguments up to 8192. */
export function registerTrigonometry(tf: Pick<typeof tfjs, 'registerKernel' | 'unregisterKernel'>): void {
  for (const kernelName of ['Sin', 'Cos'] as const) {
    tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend }) =>
        runTrigonometry(backend as WebGPUBackend, kernelName, inputs.x as TensorInfo),
    });
  }
}

/** The sum of TensorFlow.js. */
let sumAtOnce: tfjs.KernelFunc | null = null;

/**
 * Replaces the sum of any number of tensors, whose program reads all of them at once: a card gives a program a dozen buffers or fewer, and a
 * gradient norm sums over all weights of a network. Ours adds as many as fit, then more to their sum.
 */
export function registerSums(
  tf: Pick<typeof tfjs, 'registerKernel' | 'unregisterKernel' | 'getKernel'>,
): void {
  // A backend that is loaded again finds the replacement there.
  sumAtOnce ??= tf.getKernel('AddN', 'webgpu').kernelFunc;
  const sumSome = sumAtOnce;
  tf.unregisterKernel('AddN', 'webgpu');
  tf.registerKernel({
    kernelName: 'AddN',
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { device } = backend as WebGPUBackend;
      // One buffer holds the result.
      const most = device.limits.maxStorageBuffersPerShaderStage - 1;
      const terms = Object.values(inputs) as TensorInfo[];
      const sum = (parts: readonly TensorInfo[]) =>
        sumSome({ inputs: parts as unknown as typeof inputs, backend, attrs }) as TensorInfo;
      let total = sum(terms.slice(0, most));
      for (let at = most; at < terms.length; at += most - 1) {
        const next = sum([total, ...terms.slice(at, at + most - 1)]);
        (backend as WebGPUBackend).disposeData(total.dataId);
        total = next;
      }
      return total;
    },
  });
}

/** Most workgroups in one dimension. */
const mostGroups = 65_535;

function runTrigonometry(
  backend: WebGPUBackend,
  kernelName: keyof typeof quarterOf,
  x: TensorInfo,
): TensorInfo {
  const count = x.shape.reduce((product, length) => product * length, 1);
  const groups = Math.ceil(count / workgroup);
  const program = {
    variableNames: ['given'],
    outputShape: [...x.shape],
    workgroupSize: [workgroup, 1, 1] as [number, number, number],
    dispatchLayout: { x: x.shape.map((_, axis) => axis) },
    dispatch: [Math.min(groups, mostGroups), Math.ceil(groups / mostGroups), 1] as [number, number, number],
    shaderKey: `precise${kernelName}`,
    size: true,
    // The nearest quarter turn is split off in three parts (Cody and Waite; constants of Cephes, sinf.c).
    getUserCode: () => `
      fn main(index: i32) {
        if (index < uniforms.size) {
          let whole = given[index];
          let quarters = round(whole * 0.6366197723675814);
          let angle = ((whole - quarters * 1.5703125) - quarters * 4.837512969970703125e-4) - quarters * 7.549789948768648e-8;
          let z = angle * angle;
          let sine = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * angle + angle;
          let cosine = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
          let quarter = (i32(quarters) + ${quarterOf[kernelName]}) & 3;
          let value = select(sine, cosine, (quarter & 1) == 1);
          result[index] = select(value, -value, quarter >= 2);
        }
      }
    `,
  };
  return backend.runWebGPUProgram(program, [x], 'float32');
}

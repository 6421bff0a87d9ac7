/**
 * Loads the backend of this process: native TensorFlow, a graphics card through WebGPU, or WASM, together with the reason why
 * no better one is used. Which of the first two is faster is measured: see `fastestBackend.ts`.
 */

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import type * as tfjs from '@tensorflow/tfjs-core';

import { describeError } from '../../shared/text/describeError.ts';
import {
  type BackendInfo,
  type BackendKind,
  backendKinds,
  backendVariable,
  chooseAnotherBackend,
} from '../../shared/run.ts';
import { findNativeBackend } from './graph/nativeBackend.ts';
import { repairOf } from './installation.ts';
import { registerConvolutionGradients } from './kernels/convolutionGradients.ts';
import { registerStatelessRandom } from './kernels/statelessRandom.ts';
import { loadWebgpu } from './webgpu/device.ts';

type TensorFlow = typeof tfjs;

export interface BackendOptions {
  /** `auto` (default): the one that SPARSE_FIELD_LAB_BACKEND names, else the best that loads. */
  readonly prefer?: BackendKind | 'auto';
  /** The order in which `auto` tries them, best first; default: native TensorFlow, then WASM. */
  readonly order?: readonly BackendKind[];
  /** Why the first of the order is not the best there could be; null if it is. */
  readonly reason?: string | null;
}

export interface LoadedBackend {
  readonly info: BackendInfo;
  readonly tf: TensorFlow;
  /** Why no better backend is used; null if it is the best. */
  readonly reason: string | null;
}

// tfjs-node is CommonJS: with `require`, it shares the instance of tfjs-core that `import` finds.
const require = createRequire(import.meta.url);

/**
 * Loads the backend of this process and waits until it is ready. A process has one backend: call this once, before any
 * tensor is created.
 * @throws Error with the next step if the requested backend does not load.
 */
export async function loadBackend(options: BackendOptions = {}): Promise<LoadedBackend> {
  const tf = require('@tensorflow/tfjs-core') as TensorFlow;
  // Silences the advice and banners of tfjs; results stay the same.
  tf.env().set('PROD', true);
  registerStatelessRandom(tf);
  registerConvolutionGradients(tf);
  const forced = options.prefer === undefined || options.prefer === 'auto' ? readForced() : options.prefer;
  if (forced !== null) return loadForced(tf, forced, options.prefer === forced);
  const reasons = options.reason ? [options.reason] : [];
  for (const kind of options.order ?? usualOrder) {
    try {
      const info = await loaders[kind](tf);
      return { info, tf, reason: reasons.length > 0 ? reasons.join(' ') : null };
    } catch (error) {
      reasons.push(`${titles[kind]} does not load (${firstLine(error)})${remedies[kind]}`);
    }
  }
  throw new Error(`No backend loads, not even WASM. ${reasons.join(' ')}`);
}

const usualOrder: readonly BackendKind[] = ['tensorflow', 'wasm'];

const loaders: Readonly<Record<BackendKind, (tf: TensorFlow) => Promise<BackendInfo>>> = {
  tensorflow: loadNative,
  webgpu: (tf) => loadWebgpu(tf, process.env),
  wasm: loadWasm,
};

const titles: Readonly<Record<BackendKind, string>> = {
  tensorflow: 'Native TensorFlow',
  webgpu: 'WebGPU',
  wasm: 'WASM',
};

const remedies: Readonly<Record<BackendKind, string>> = {
  tensorflow: `; ${repairOf('to install it run: npm run setup')}`,
  webgpu: '.',
  wasm: `; ${repairOf('delete node_modules, then run: npm run setup')}`,
};

/** Returns the backend that the variable names; null if it is not set or `auto`. @throws Error if it names another one. */
export function readForced(environment: NodeJS.ProcessEnv = process.env): BackendKind | null {
  const value = environment[backendVariable];
  if (value === undefined || value === '' || value === 'auto') return null;
  const known = backendKinds.find((kind) => kind === value);
  if (known) return known;
  throw new Error(`${backendVariable} is "${value}", expected ${backendKinds.join(', ')} or auto.`);
}

/** @throws Error with the reason and what to do instead. */
async function loadForced(tf: TensorFlow, kind: BackendKind, isRequested: boolean): Promise<LoadedBackend> {
  try {
    const info = await loaders[kind](tf);
    const isSlow = kind === 'wasm';
    const reason = isRequested ? `${titles[kind]} was requested.` : `${backendVariable} is ${kind}.`;
    return { info, tf, reason: isSlow || !isRequested ? reason : null };
  } catch (error) {
    const remedy = kind === 'tensorflow' ? remedies.tensorflow : `. ${chooseAnotherBackend}`;
    throw new Error(`${titles[kind]} does not load (${firstLine(error)})${remedy}`, { cause: error });
  }
}

async function loadNative(tf: TensorFlow): Promise<BackendInfo> {
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  restoreRemovedFunctions();
  require('@tensorflow/tfjs-node-gpu');
  await tf.setBackend('tensorflow');
  await tf.ready();
  const backend = findNativeBackend();
  if (!backend) throw new Error('tfjs-node did not register its backend');
  const device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
  return { kind: 'tensorflow', device, version: backend.binding.TF_Version };
}

/** Restores two functions that tfjs-node 4.22 calls and that Node has removed or is about to remove. */
function restoreRemovedFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

async function loadWasm(tf: TensorFlow): Promise<BackendInfo> {
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof tfjsWasm;
  // tfjs-core alone has no gradients; the package @tensorflow/tfjs, a dependency of tfjs-node, registers them.
  createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))('@tensorflow/tfjs');
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('its module could not be compiled');
  await tf.ready();
  return { kind: 'wasm', device: 'CPU', version: wasm.version_wasm };
}

function firstLine(error: unknown): string {
  return describeError(error).split('\n')[0].trim();
}

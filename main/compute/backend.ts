/** Chooses the TensorFlow backend: native TensorFlow, or WASM together with the reason why native TensorFlow is not used. */

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import type * as tfjs from '@tensorflow/tfjs-core';

import { describeError } from '../../shared/text/describeError.ts';
import type { BackendInfo } from '../../shared/run.ts';
import { findNativeBackend } from './graph/nativeBackend.ts';
import { registerConvolutionGradients } from './kernels/convolutionGradients.ts';
import { registerStatelessRandom } from './kernels/statelessRandom.ts';

type TensorFlow = typeof tfjs;

export interface BackendOptions {
  /** `auto` (default): native TensorFlow if it loads, else WASM; SPARSE_FIELD_LAB_BACKEND overrides it. */
  readonly prefer?: 'tensorflow' | 'wasm' | 'auto';
}

export interface LoadedBackend {
  readonly info: BackendInfo;
  readonly tf: TensorFlow;
  /** Why native TensorFlow is not used; null if it is. */
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
  const prefer = options.prefer ?? 'auto';
  const tf = require('@tensorflow/tfjs-core') as TensorFlow;
  // Silences the advice and banners of tfjs; results stay the same.
  tf.env().set('PROD', true);
  registerStatelessRandom(tf);
  registerConvolutionGradients(tf);
  if (prefer === 'wasm') return loadWasm(tf, 'WASM was requested.');
  if (prefer === 'auto' && process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm') {
    return loadWasm(tf, 'SPARSE_FIELD_LAB_BACKEND is wasm.');
  }
  try {
    return await loadNative(tf);
  } catch (error) {
    const reason = `Native TensorFlow does not load (${firstLine(error)}); to install it run: npm run setup`;
    if (prefer === 'tensorflow') throw new Error(reason, { cause: error });
    return loadWasm(tf, reason);
  }
}

async function loadNative(tf: TensorFlow): Promise<LoadedBackend> {
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  restoreRemovedFunctions();
  require('@tensorflow/tfjs-node-gpu');
  await tf.setBackend('tensorflow');
  await tf.ready();
  const backend = findNativeBackend();
  if (!backend) throw new Error('tfjs-node did not register its backend');
  const device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
  return { info: { kind: 'tensorflow', device, version: backend.binding.TF_Version }, tf, reason: null };
}

/** Restores two functions that tfjs-node 4.22 calls and that Node has removed or is about to remove. */
function restoreRemovedFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

async function loadWasm(tf: TensorFlow, reason: string): Promise<LoadedBackend> {
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof tfjsWasm;
  // tfjs-core alone has no gradients; the package @tensorflow/tfjs, a dependency of tfjs-node, registers them.
  createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))('@tensorflow/tfjs');
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) {
    throw new Error(`The WASM backend does not load either. ${reason}`);
  }
  await tf.ready();
  return { info: { kind: 'wasm', device: 'CPU', version: wasm.version_wasm }, tf, reason };
}

function firstLine(error: unknown): string {
  return describeError(error).split('\n')[0].trim();
}

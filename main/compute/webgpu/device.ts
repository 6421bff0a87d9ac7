/**
 * A graphics card through WebGPU: Dawn, Chromium's implementation, as an addon of Node, with TensorFlow.js's backend on it.
 * Both packages are optional and loaded only here.
 */

import { createRequire } from 'node:module';
import type * as tfjsWebgpu from '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type * as tfjs from '@tensorflow/tfjs-core';

import { type BackendInfo, backendVariable } from '../../../shared/run.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { repairOf } from '../installation.ts';
import { registerSums, registerTrigonometry } from './kernels.ts';

type TensorFlow = typeof tfjs;

/** The part of the package `webgpu` that is used; its own types say nothing of it. */
interface Dawn {
  create(options: readonly string[]): GPU;
  readonly globals: Record<string, unknown>;
}

const require = createRequire(import.meta.url);

/** The interface of the system's driver that Dawn uses, and the name of Dawn's option for it. */
const interfaces: Readonly<Partial<Record<NodeJS.Platform, { name: string; option: string }>>> = {
  darwin: { name: 'Metal', option: 'metal' },
  win32: { name: 'Direct3D 12', option: 'd3d12' },
  linux: { name: 'Vulkan', option: 'vulkan' },
};

/** The variable that allows adapters in software, such as SwiftShader: they are correct, and slower than the processor itself. */
const softwareVariable = 'SPARSE_FIELD_LAB_WEBGPU_SOFTWARE';

/** Limits that are raised from WebGPU's defaults to what the card has. */
const raisedLimits = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

/**
 * Loads the backend `webgpu` and makes it the one of this process.
 * @throws Error with what was found and the next step if there is no card that WebGPU can use.
 */
export async function loadWebgpu(tf: TensorFlow, environment: NodeJS.ProcessEnv): Promise<BackendInfo> {
  const { adapter, name, api } = await findAdapter(environment);
  const { version_webgpu: version, WebGPUBackend: Backend } = loadPackage();
  const requiredLimits = Object.fromEntries(raisedLimits.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits });
  watchErrors(device);
  // tfjs-core alone has no gradients; the package @tensorflow/tfjs, a dependency of tfjs-node, registers them, and its
  // backend for the processor, which computes a few numbers that are needed at once.
  createRequire(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))('@tensorflow/tfjs');
  registerTrigonometry(tf);
  registerSums(tf);
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new Backend(device, adapter.info));
  await tf.setBackend('cpu');
  await tf.setBackend('webgpu');
  await tf.ready();
  return { kind: 'webgpu', device: 'GPU', version, adapter: name, api };
}

/** A card, its name for people, and the interface it is reached through. */
interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly name: string;
  readonly api: string;
}

async function findAdapter(environment: NodeJS.ProcessEnv): Promise<FoundAdapter> {
  const through = interfaces[process.platform];
  if (!through) throw new Error(`WebGPU is not available on ${process.platform}.`);
  const gpu = await openDawn([`backend=${through.option}`]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Error(`no graphics card answers through ${through.name}; ${adviceFor(through.name)}`);
  const name = nameOf(adapter.info);
  if (adapter.info.isFallbackAdapter && environment[softwareVariable] !== '1') {
    throw new Error(
      `only ${name} answers through ${through.name}, which computes in software; ${adviceFor(through.name)}. To use it all the same, set ${softwareVariable}=1`,
    );
  }
  return { adapter, name, api: through.name };
}

function adviceFor(api: string): string {
  if (api === 'Vulkan') return "install the card's driver and the Vulkan loader (Debian: libvulkan1)";
  return "install the card's current driver";
}

/** Returns the name that the driver gives its card, such as `NVIDIA GeForce RTX 3060`. */
function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const candidates = [description, device, [vendor, architecture].filter(Boolean).join(' ')];
  return candidates.map((text) => text.trim()).find((text) => text !== '') ?? 'unnamed card';
}

async function openDawn(options: readonly string[]): Promise<GPU> {
  const { create, globals } = await loadAddon();
  Object.assign(globalThis, globals);
  const gpu = create(options);
  // TensorFlow.js looks for it there. Its functions for images of a page are not used.
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

async function loadAddon(): Promise<Dawn> {
  const packageName = 'webgpu';
  try {
    return (await import(packageName)) as Dawn;
  } catch (error) {
    const [reason] = describeError(error).split('\n');
    throw new Error(
      `the package webgpu does not load (${reason}); ${repairOf('install it with: npm run setup')}`,
      { cause: error },
    );
  }
}

function loadPackage(): typeof tfjsWebgpu & { readonly version_webgpu: string } {
  try {
    const { version } = require('@tensorflow/tfjs-backend-webgpu/package.json') as { version: string };
    const webgpu = require('@tensorflow/tfjs-backend-webgpu') as typeof tfjsWebgpu;
    return { ...webgpu, version_webgpu: version };
  } catch (error) {
    const [reason] = describeError(error).split('\n');
    throw new Error(
      `the package @tensorflow/tfjs-backend-webgpu does not load (${reason}); ${repairOf('install it with: npm run setup')}`,
      { cause: error },
    );
  }
}

/** Returns the running backend; null if it is not WebGPU. */
export function findWebgpuBackend(tf: Pick<TensorFlow, 'backend' | 'getBackend'>): WebGPUBackend | null {
  return tf.getBackend() === 'webgpu' ? (tf.backend() as WebGPUBackend) : null;
}

/** The card stopped, or had too little memory: the run pauses at its newest checkpoint. */
export class DeviceError extends Error {}

/** The device that computes, and why it cannot any more; null: it can. */
let current: { readonly device: GPUDevice; failure: DeviceError | null } | null = null;

/** Returns why the card cannot compute any more; null while it can. Reads of a lost card fail with messages that say less. */
export function findDeviceFailure(): DeviceError | null {
  return current?.failure ?? null;
}

/** As `findDeviceFailure`, a moment later: the reason arrives after the failures that it causes. */
export async function awaitDeviceFailure(): Promise<DeviceError | null> {
  await new Promise((resolve) => setImmediate(resolve));
  return findDeviceFailure();
}

/** @throws DeviceError if the card cannot compute any more: what was read from it since is wrong. */
export function assertDeviceComputes(): void {
  const failure = findDeviceFailure();
  if (failure !== null) throw failure;
}

/** A lost card and a card without memory otherwise show only in numbers that are wrong. */
function watchErrors(device: GPUDevice): void {
  const watched = { device, failure: null as DeviceError | null };
  current = watched;
  const fail = (what: string, reason: string, remedy: string) => {
    watched.failure ??= new DeviceError(
      `The graphics card ${what} (${firstLine(reason)}). ${remedy}, or resume on the processor: ${processorAdvice}.`,
    );
  };
  void device.lost.then(({ message }) =>
    fail('stopped', message, 'The run is kept at its newest checkpoint: resume it'),
  );
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    if (error.constructor.name === 'GPUOutOfMemoryError')
      fail('has too little memory', error.message, 'Close other programs, choose a smaller batch');
    else fail('reported an error', error.message, "Update the card's driver");
  });
}

const processorAdvice = `"Compute with" in the settings, or ${backendVariable}=tensorflow`;

function firstLine(message: string): string {
  return message.split('\n')[0].trim() || 'no reason given';
}

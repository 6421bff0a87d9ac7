/** Examines the machine: what a backend can do, measured in another process because a native library may crash, and its graphics card. */

import { extname, resolve } from 'node:path';
import type { RunConfig } from '../../shared/config/config.ts';
import type { BackendInfo, BackendKind, ExecutionKind } from '../../shared/run.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { findErrorMessage, runCommand } from './command.ts';

/** The card that WebGPU finds, or why there is none. */
export type CardFinding =
  (Required<Pick<BackendInfo, 'adapter' | 'api'>> & Pick<BackendInfo, 'version'>) | { readonly none: string };

/** Measurements that the process reports. */
export interface BackendProbe {
  readonly info: BackendInfo;
  /** Why no better backend is used; null if it is the best. */
  readonly reason: string | null;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Speed of a 1024³ float32 matrix product; null in a quick probe. */
  readonly gigaflops: number | null;
  /** Mean time of a small operation, in microseconds; null in a quick probe. */
  readonly microsecondsPerOperation: number | null;
  /** The card that WebGPU finds, or why there is none; null in a quick probe. */
  readonly card: CardFinding | null;
  /** How a training step would run, and why if it is eagerly; null in a quick probe. */
  readonly execution: { readonly kind: ExecutionKind; readonly reason: string | null } | null;
}

/**
 * Runs `main/compute/measure.ts` with some arguments in a process of its own and returns what it reports. `limit`: milliseconds
 * after which it is killed.
 * @throws Error with the message of the process if it fails.
 */
export type RunMeasurement = (args: readonly string[], limit: number) => Promise<unknown>;

/** Returns the path of the measuring program: TypeScript in a checkout, JavaScript in the built application. */
export function measureEntry(): string {
  return resolve(import.meta.dirname, `../compute/measure${extname(import.meta.filename)}`);
}

/** Measures in a process of Node. In Electron, whose program is the application itself, see `main/shell/utilityHost.ts`. */
export const measureInNode: RunMeasurement = async (args, limit) => {
  const result = await runCommand(process.execPath, [measureEntry(), ...args], { limit });
  if (!result.isOk) throw new Error(findErrorMessage(result.stderr) || result.failure);
  return JSON.parse(result.stdout) as unknown;
};

/** A utility process of Electron asks for a measurement in another one, which only the main process can start. */
export interface MeasurementRequest {
  readonly type: 'measure';
  readonly id: number;
  readonly args: readonly string[];
  readonly limit: number;
}

/** What the measurement with a number reported, or why it failed. */
export interface MeasurementAnswer {
  readonly type: 'measured';
  readonly id: number;
  readonly value: unknown;
  readonly failure: string | null;
}

/** Waits for a measurement; its failure becomes an answer. */
export async function settleMeasurement(
  id: number,
  measure: () => Promise<unknown>,
): Promise<MeasurementAnswer> {
  try {
    return { type: 'measured', id, value: await measure(), failure: null };
  } catch (error) {
    return { type: 'measured', id, value: null, failure: describeError(error) };
  }
}

export function isMeasurementRequest(message: unknown): message is MeasurementRequest {
  return isMessage(message) && message.type === 'measure';
}

export function isMeasurementAnswer(message: unknown): message is MeasurementAnswer {
  return isMessage(message) && message.type === 'measured';
}

function isMessage(message: unknown): message is { readonly type: unknown } {
  return typeof message === 'object' && message !== null && 'type' in message;
}

export interface ProbeOptions {
  readonly prefer: BackendKind | 'auto';
  readonly depth: 'quick' | 'full';
  /** Default: in a process of Node. */
  readonly run?: RunMeasurement;
}

/**
 * Loads a backend in a process of its own and returns its measurements.
 * @throws Error with the message of the process if it does not load.
 */
export async function probeBackend({
  prefer,
  depth,
  run = measureInNode,
}: ProbeOptions): Promise<BackendProbe> {
  // The choice between a card and the processor measures both.
  return (await run([prefer, depth], depth === 'full' ? 480_000 : 120_000)) as BackendProbe;
}

/** Looks for a card that WebGPU can use in a process of its own. */
export async function probeCard(run: RunMeasurement = measureInNode): Promise<CardFinding> {
  try {
    return (await run(['webgpu', 'card'], 120_000)) as CardFinding;
  } catch (error) {
    return { none: describeError(error) };
  }
}

/**
 * Returns the milliseconds of a training step of a configuration on a backend, measured in a process of its own.
 * @throws Error with the message of the process if it does not run.
 */
export async function timeStep(
  kind: BackendKind,
  config: RunConfig,
  run: RunMeasurement = measureInNode,
): Promise<number> {
  const measured = await run([kind, 'step', JSON.stringify(config)], 180_000);
  return (measured as { milliseconds: number }).milliseconds;
}

/** Returns the name of the first NVIDIA card; null if `nvidia-smi` finds none. */
export async function findGpu(): Promise<string | null> {
  const answer = await runCommand('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    limit: 15_000,
  });
  return answer.isOk ? answer.stdout.split('\n')[0].trim() || null : null;
}

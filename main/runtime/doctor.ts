/** Says what this machine computes with, how fast, what is missing and how to mend it. */

import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { DoctorCheck, DoctorReport } from '../../shared/doctor.ts';
import { findGpu } from './gpu.ts';
import type { RuntimeOutcome } from './outcome.ts';
import { readOutcome } from './outcome.ts';
import { findRuntimePaths } from './paths.ts';
import type { BackendProbe } from './probe.ts';
import { probeBackend } from './probe.ts';

/** Bytes below which a run may not find room for its checkpoints. */
const lowSpace = 2e9;

/** Examine this machine; takes a few seconds, because it measures. Never rejects over something that is missing. */
export async function runDoctor({ dataFolder }: { dataFolder: string }): Promise<DoctorReport> {
  const paths = findRuntimePaths();
  const outcome = readOutcome(paths.outcomeFile);
  const gpu = await findGpu();
  const probe = await probeBackend(paths.root, { prefer: 'auto', depth: 'full' }).catch(toMessage);
  const works = typeof probe === 'string' ? null : probe;
  const whyNotBetter = explain(works, outcome, gpu);
  const free = await measureFree(dataFolder);
  return {
    backend: works?.info.kind ?? null,
    version: works?.info.version ?? null,
    device: works?.info.device ?? null,
    whyNotBetter,
    threads: works?.threads ?? null,
    gigaflops: works?.gigaflops ?? null,
    microsecondsPerOperation: works?.microsecondsPerOperation ?? null,
    execution: works?.execution?.kind ?? null,
    nodeVersion: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    gpu,
    dataFolder: resolve(dataFolder),
    freeBytes: free,
    checks: [
      checkNode(),
      checkBackend(probe),
      checkGraphs(works),
      checkGpu(works, gpu),
      await checkFolder(dataFolder),
      checkSpace(free),
    ],
  };
}

/** Reasons of the installation come first; what was only found now follows. */
function explain(probe: BackendProbe | null, outcome: RuntimeOutcome | null, gpu: string | null): string[] {
  const reasons = [...(outcome?.why ?? [])];
  if (probe?.reason && reasons.length === 0) reasons.push(probe.reason);
  if (gpu !== null && probe?.info.device === 'CPU' && reasons.length === 0) {
    reasons.push(`${gpu} is not used: its libraries are installed only on request.`);
  }
  return reasons;
}

function checkNode(): DoctorCheck {
  const ok = Number(process.versions.node.split('.')[0]) >= 24;
  return {
    name: 'Node',
    ok,
    found: process.versions.node,
    fix: ok ? null : 'Run the commands through npm: npm run lab',
  };
}

function checkBackend(probe: BackendProbe | string): DoctorCheck {
  const name = 'Backend';
  if (typeof probe === 'string')
    return { name, ok: false, found: probe, fix: 'Delete node_modules, then: npm run setup' };
  const { kind, version, device } = probe.info;
  const isNative = kind === 'tensorflow';
  const isWanted = process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm';
  const fix = isWanted ? 'Unset SPARSE_FIELD_LAB_BACKEND' : 'Mend what is named above, then: npm run setup';
  const found = isNative ? `TensorFlow ${version} on the ${device}` : `WASM ${version} (slow)`;
  return { name, ok: isNative, found, fix: isNative ? null : fix };
}

/** Steps that run eagerly give the same numbers, several times as slowly. */
function checkGraphs(probe: BackendProbe | null): DoctorCheck {
  const name = 'Compiled graphs';
  if (probe?.execution?.kind === 'compiled')
    return { name, ok: true, found: 'a training step runs as one graph', fix: null };
  if (!probe?.execution) return { name, ok: false, found: 'not tried', fix: 'Mend the backend first' };
  const found = `training steps run operation by operation: ${probe.execution.reason}`;
  const isSwitchedOff = process.env.SPARSE_FIELD_LAB_EXECUTION === 'eager';
  if (probe.info.kind === 'tensorflow' && isSwitchedOff)
    return { name, ok: false, found, fix: 'Unset SPARSE_FIELD_LAB_EXECUTION' };
  const isWasm = probe.info.kind === 'wasm';
  const fix = isWasm ? 'They come with native TensorFlow' : 'Delete node_modules, then: npm run setup';
  return { name, ok: false, found, fix };
}

function checkGpu(probe: BackendProbe | null, gpu: string | null): DoctorCheck {
  const ok = gpu === null || probe?.info.device === 'GPU';
  const found = gpu === null ? 'no NVIDIA card' : `${gpu}${ok ? '' : ', not used'}`;
  return { name: 'Graphics card', ok, found, fix: ok ? null : 'node main/runtime/setup.mjs --gpu' };
}

async function checkFolder(folder: string): Promise<DoctorCheck> {
  const name = 'Data folder';
  const path = resolve(folder);
  const nearest = findExisting(path);
  const isFolder = (await stat(nearest)).isDirectory();
  const isOpen = await access(nearest, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isFolder && isOpen)
    return { name, ok: true, found: nearest === path ? path : `${path} (will be made)`, fix: null };
  const found = `${path} (${isFolder ? `${nearest} cannot be written` : `${nearest} is a file`})`;
  return { name, ok: false, found, fix: 'Choose another data folder, or allow writing there' };
}

function checkSpace(bytes: number): DoctorCheck {
  const ok = bytes >= lowSpace;
  const found = `${(bytes / 1e9).toFixed(1)} GB free`;
  return { name: 'Disk', ok, found, fix: ok ? null : 'Make room: checkpoints need about 2 GB' };
}

async function measureFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(findExisting(folder));
  return bavail * bsize;
}

/** The folder itself, or the nearest one above it that exists. */
function findExisting(folder: string): string {
  let path = resolve(folder);
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  return path;
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

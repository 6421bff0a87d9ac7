/** Reports what this machine computes with, how fast, what is missing and how to fix it. */

import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DoctorCheck, DoctorReport } from '../../shared/doctor.ts';
import { backendVariable, chooseAnotherBackend } from '../../shared/run.ts';
import { formatDevice } from '../../shared/text/format.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { findBuildObstacle } from './buildApp.ts';
import { readInstallResult, type InstallResult } from './installResult.ts';
import { findRuntimePaths } from './paths.ts';
import { type BackendProbe, findGpu, probeBackend, type ProbeOptions } from './probe.ts';

/** A packaged application brings everything in an archive: it is not set up, but installed. */
const isPackaged = findRuntimePaths().root.endsWith('.asar');
const repair = isPackaged ? 'Install the application again' : 'Delete node_modules, then: npm run setup';

/** Free bytes below which there may not be enough space for the checkpoints of a run. */
const lowSpace = 2e9;

/** Folders of the application. Both functions may throw if the account has no home folder. */
export interface DoctorFolders {
  readonly dataFolder: () => string;
  readonly configFolder: () => string;
}

/**
 * Examines this machine, with measurements that take a few seconds. Never rejects because something is missing. A quick
 * examination leaves out the measurements and what only the application needs.
 */
export async function runDoctor(
  folders: DoctorFolders,
  { depth, run }: Pick<ProbeOptions, 'depth' | 'run'> = { depth: 'full' },
): Promise<DoctorReport> {
  const paths = findRuntimePaths();
  const result = readInstallResult(paths.outcomeFile);
  const gpu = await findGpu();
  const probe = await probeBackend({ prefer: 'auto', depth, run }).catch(describeError);
  const measured = typeof probe === 'string' ? null : probe;
  const dataFolder = locate(folders.dataFolder).path;
  const freeBytes = dataFolder === null ? null : await measureFree(dataFolder);
  return {
    ...describeProbe(measured),
    whyNotBetter: explain(measured, result, gpu),
    nodeVersion: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    gpu,
    dataFolder,
    freeBytes,
    checks: [
      checkNode(),
      checkBackend(probe),
      ...(depth === 'full' ? [checkGraphs(measured)] : []),
      checkGpu(measured, gpu),
      await checkFolder('Data folder', folders.dataFolder, '--data-dir or SPARSE_FIELD_LAB_DATA'),
      await checkFolder('Settings folder', folders.configFolder, 'SPARSE_FIELD_LAB_CONFIG'),
      await checkFolder('Cache folder', () => paths.cacheFolder, 'SPARSE_FIELD_LAB_CACHE'),
      checkSpace(freeBytes),
      ...(depth === 'full' && !isPackaged ? [checkBuild()] : []),
    ],
  };
}

type ProbeFacts = Pick<
  DoctorReport,
  | 'backend'
  | 'version'
  | 'device'
  | 'adapter'
  | 'api'
  | 'threads'
  | 'gigaflops'
  | 'microsecondsPerOperation'
  | 'execution'
>;

function describeProbe(probe: BackendProbe | null): ProbeFacts {
  if (probe === null) {
    return {
      backend: null,
      version: null,
      device: null,
      threads: null,
      gigaflops: null,
      microsecondsPerOperation: null,
      execution: null,
    };
  }
  const { info, threads, gigaflops, microsecondsPerOperation, execution } = probe;
  return {
    backend: info.kind,
    version: info.version,
    device: info.device,
    ...(info.adapter !== undefined && { adapter: info.adapter }),
    ...(info.api !== undefined && { api: info.api }),
    threads,
    gigaflops,
    microsecondsPerOperation,
    execution: execution?.kind ?? null,
  };
}

/** Returns the reasons recorded by the installation; without any, those found now. */
function explain(probe: BackendProbe | null, result: InstallResult | null, gpu: string | null): string[] {
  const installed = result?.why ?? [];
  if (probe === null || probe.info.device === 'GPU') return [...installed];
  const found = probe.reason !== null && (installed.length === 0 || probe.info.kind !== 'wasm');
  const reasons = [...installed, ...(found ? [probe.reason] : []), ...explainCard(probe)];
  if (gpu !== null && reasons.length === 0)
    reasons.push(`${gpu} is not used: its libraries are installed only on request.`);
  return reasons;
}

function explainCard({ card }: BackendProbe): string[] {
  return card && 'none' in card ? [`No card through WebGPU: ${card.none}.`] : [];
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
  if (typeof probe === 'string') {
    // The message of a forced backend ends with what to do.
    const found = probe.replace(`. ${chooseAnotherBackend}`, '');
    return { name, ok: false, found, fix: found === probe ? repair : chooseAnotherBackend };
  }
  const { kind, version } = probe.info;
  const isFast = kind !== 'wasm';
  const isWanted = process.env[backendVariable] === 'wasm';
  const setUp = isPackaged ? repair : 'Fix the problem named above, then: npm run setup';
  const fix = isWanted ? chooseAnotherBackend : setUp;
  const found = isFast ? formatDevice(probe.info) : `WASM ${version} (slow)`;
  return { name, ok: isFast, found, fix: isFast ? null : fix };
}

/** Steps that run eagerly compute the same numbers, but several times more slowly. */
function checkGraphs(probe: BackendProbe | null): DoctorCheck {
  const name = 'Compiled graphs';
  if (probe?.execution?.kind === 'compiled')
    return { name, ok: true, found: 'a training step runs as one graph', fix: null };
  if (probe?.info.kind === 'webgpu')
    return { name, ok: true, found: 'not needed: operations are queued on the card', fix: null };
  if (!probe?.execution) return { name, ok: false, found: 'not tried', fix: 'Fix the backend first' };
  const found = `training steps run operation by operation: ${probe.execution.reason}`;
  const isSwitchedOff = process.env.SPARSE_FIELD_LAB_EXECUTION === 'eager';
  if (probe.info.kind === 'tensorflow' && isSwitchedOff)
    return { name, ok: false, found, fix: 'Unset SPARSE_FIELD_LAB_EXECUTION' };
  const isWasm = probe.info.kind === 'wasm';
  const fix = isWasm ? 'They come with native TensorFlow' : repair;
  return { name, ok: false, found, fix };
}

function checkGpu(probe: BackendProbe | null, gpu: string | null): DoctorCheck {
  const name = 'Graphics card';
  if (probe?.info.kind === 'webgpu') return { name, ok: true, found: formatDevice(probe.info), fix: null };
  if (gpu !== null && probe?.info.device === 'GPU')
    return { name, ok: true, found: `${gpu} through CUDA`, fix: null };
  // A card that was measured and is slower than the processor is no fault.
  if (probe?.card && 'adapter' in probe.card)
    return { name, ok: true, found: `${probe.card.adapter}, not used: the processor is faster`, fix: null };
  if (gpu === null) return { name, ok: true, found: 'none that can compute', fix: null };
  return {
    name,
    ok: false,
    found: `${gpu}, not used`,
    fix: isPackaged ? 'Install its current driver' : 'node main/runtime/setup.mjs --gpu',
  };
}

/** `option`: the option or variable that selects another folder. */
async function checkFolder(name: string, find: () => string, option: string): Promise<DoctorCheck> {
  const { path, reason } = locate(find);
  if (path === null) return { name, ok: false, found: 'no home folder to put it in', fix: reason };
  const nearest = findExisting(path);
  const isFolder = (await stat(nearest)).isDirectory();
  const isOpen = await access(nearest, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (isFolder && isOpen)
    return { name, ok: true, found: nearest === path ? path : `${path} (will be created)`, fix: null };
  const found = `${path} (${isFolder ? `${nearest} cannot be written` : `${nearest} is a file`})`;
  return { name, ok: false, found, fix: `Name another folder with ${option}, or allow writing there` };
}

function locate(find: () => string): { path: string; reason: null } | { path: null; reason: string } {
  try {
    return { path: resolve(find()), reason: null };
  } catch (error) {
    return { path: null, reason: describeError(error) };
  }
}

function checkSpace(bytes: number | null): DoctorCheck {
  const name = 'Disk';
  if (bytes === null) return { name, ok: false, found: 'not measured', fix: 'Name a data folder first' };
  const ok = bytes >= lowSpace;
  const found = `${(bytes / 1e9).toFixed(1)} GB free`;
  return { name, ok, found, fix: ok ? null : 'Free some space: checkpoints need about 2 GB' };
}

/** Checks whether `npm start` can build the page and the desktop application in this checkout, or has built them. */
function checkBuild(): DoctorCheck {
  const name = 'Application';
  const obstacle = findBuildObstacle();
  if (obstacle === null) return { name, ok: true, found: 'npm start can build it here', fix: null };
  return { name, ok: false, found: obstacle.found, fix: obstacle.fix };
}

async function measureFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(findExisting(folder));
  return bavail * bsize;
}

/** Returns the folder itself, or the nearest existing one above it. */
function findExisting(folder: string): string {
  let path = resolve(folder);
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  return path;
}

/** Formats the report for people: checks, facts, why nothing better runs, and fixes. Ends without a line break. */
export function formatDoctor(report: DoctorReport): string {
  const facts: [string, string][] = [
    ['System', report.platform],
    ['Threads', formatNumber(report.threads, '')],
    ['Matrix product', formatNumber(report.gigaflops, ' GFLOP/s (1024³ float32)')],
    ['Small operation', formatNumber(report.microsecondsPerOperation, ' µs')],
  ];
  const checks = report.checks.map(({ name, ok, found }): [string, string] => [
    name,
    `${ok ? '✓' : '✗'} ${found}`,
  ]);
  const fixes = report.checks.flatMap(({ name, fix }) => (fix === null ? [] : [`  ${name}: ${fix}`]));
  return [
    ...alignRows([...checks, ...facts]),
    ...(report.whyNotBetter.length > 0
      ? ['', 'Why nothing better runs', ...report.whyNotBetter.map((why) => `  ${why}`)]
      : []),
    ...(fixes.length > 0 ? ['', 'What to do', ...fixes] : ['', 'All is well.']),
  ].join('\n');
}

function formatNumber(value: number | null, unit: string): string {
  if (value === null) return 'not measured';
  return `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)}${unit}`;
}

function alignRows(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Names of the tensors in a bundle, and the check that they match its manifest. */

import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import type { BundleManifest } from '../../../shared/runBundle.ts';
import { damaged, type TensorEntry } from '../files/safetensorsHeader.ts';
import { matrixRows } from './metricMatrix.ts';

export const metricTensor = (name: MetricName) => `metrics/${name}`;
export const checkpointTensor = (step: number, name: string) => `checkpoint/${step}/${name}`;
export const previewTensor = (step: number) => `preview/${step}`;
export const sheetTensor = (evaluation: number, sheet: number) => `evaluation/${evaluation}/${sheet}`;

const checkpointPattern = /^checkpoint\/(0|[1-9]\d{0,15})\/([\x20-\x7e]{1,200})$/;

/** Tensors of one checkpoint under their original names; offsets are relative to `begin` in the bundle's data area. */
export interface BundledCheckpoint {
  readonly entries: readonly TensorEntry[];
  readonly begin: number;
  readonly end: number;
}

export interface BundleLayout {
  readonly metrics: ReadonlyMap<MetricName, TensorEntry>;
  /** By step. */
  readonly checkpoints: ReadonlyMap<number, BundledCheckpoint>;
  /** PNG files, by `previewTensor` or `sheetTensor`. */
  readonly images: ReadonlyMap<string, TensorEntry>;
}

/**
 * Groups the tensors of a bundle by kind.
 * @throws DamagedFileError when one is missing, is not in the manifest, or has the wrong shape or type.
 */
export function layOutBundle(
  path: string,
  entries: readonly TensorEntry[],
  manifest: BundleManifest,
): BundleLayout {
  const metrics = new Map<MetricName, TensorEntry>();
  const checkpoints = new Map<number, TensorEntry[]>();
  const images = new Map<string, TensorEntry>();
  const awaited = awaitedImages(manifest);
  let open: number | null = null;
  for (const entry of entries) {
    const checkpoint = checkpointPattern.exec(entry.name);
    const metric = metricOf(entry.name);
    if (checkpoint) addTo(checkpoints, { path, entry, step: Number(checkpoint[1]), open });
    else if (metric !== null) metrics.set(metric, checkMatrix(path, entry));
    else if (awaited.delete(entry.name)) images.set(entry.name, checkImage(path, entry));
    else throw damaged(path, `tensor "${entry.name}"`, 'only what the manifest names');
    open = checkpoint ? Number(checkpoint[1]) : null;
  }
  const [missing] = awaited;
  if (missing !== undefined) throw damaged(path, `no tensor "${missing}"`, 'all that the manifest names');
  checkSteps(path, manifest, checkpoints);
  const bundled = [...checkpoints].map(([step, own]) => [step, relate(own, step)] as const);
  return { metrics, images, checkpoints: new Map(bundled) };
}

function awaitedImages({ previews, evaluations }: BundleManifest): Set<string> {
  const sheets = evaluations.flatMap(({ pictures }, index) =>
    (pictures?.sheets ?? []).map((_, sheet) => sheetTensor(index, sheet)),
  );
  return new Set([...previews.map(({ step }) => previewTensor(step)), ...sheets]);
}

function metricOf(name: string): MetricName | null {
  const metric = name.startsWith('metrics/') ? name.slice('metrics/'.length) : '';
  return Object.hasOwn(loggedMetrics, metric) ? (metric as MetricName) : null;
}

/** Adds a tensor to its checkpoint. The tensors of a checkpoint are contiguous, so that its data is one piece. */
function addTo(
  checkpoints: Map<number, TensorEntry[]>,
  { path, entry, step, open }: { path: string; entry: TensorEntry; step: number; open: number | null },
): void {
  const own = checkpoints.get(step);
  if (own && open !== step)
    throw damaged(
      path,
      `"${entry.name}" apart from the rest of its checkpoint`,
      'each checkpoint in one piece',
    );
  if (own) own.push(entry);
  else checkpoints.set(step, [entry]);
}

function checkSteps(
  path: string,
  { run, checkpoints, previews }: BundleManifest,
  found: ReadonlyMap<number, unknown>,
): void {
  const steps = checkpoints.map(({ step }) => step);
  const lists = [
    { what: 'checkpoints', steps },
    { what: 'previews', steps: previews.map(({ step }) => step) },
  ];
  for (const { what, steps: list } of lists) {
    const fault = list.findIndex((step, index) => index > 0 && step <= list[index - 1]);
    if (fault > 0)
      throw damaged(path, `${what} of steps ${list[fault - 1]}, ${list[fault]}`, 'steps that rise');
  }
  const [strange] = [...found.keys()].filter((step) => !steps.includes(step));
  const lacking = steps.find((step) => !found.has(step));
  const fault = strange ?? lacking;
  if (fault !== undefined) {
    const [what, wanted] = strange === undefined ? ['no checkpoint', 'one'] : ['a checkpoint', 'none'];
    throw damaged(path, `${what} of step ${fault}`, `${wanted} as the manifest says`);
  }
  if (checkpoints.filter(({ isBest }) => isBest).length > 1)
    throw damaged(path, 'several best checkpoints', 'at most one');
  const last = steps.at(-1) ?? 0;
  if (last > run.step)
    throw damaged(path, `a checkpoint of step ${last}`, `steps up to ${run.step}, the run's last`);
}

function relate(entries: readonly TensorEntry[], step: number): BundledCheckpoint {
  const begin = entries[0].begin;
  const prefix = checkpointTensor(step, '').length;
  return {
    entries: entries.map((entry) => ({
      ...entry,
      name: entry.name.slice(prefix),
      begin: entry.begin - begin,
      end: entry.end - begin,
    })),
    begin,
    end: entries[entries.length - 1].end,
  };
}

function checkMatrix(path: string, entry: TensorEntry): TensorEntry {
  const { name, dtype, shape } = entry;
  if (dtype === 'F64' && shape.length === 2 && shape[0] === matrixRows) return entry;
  throw damaged(path, `"${name}" as ${dtype} [${shape.join(', ')}]`, `F64 [${matrixRows}, points]`);
}

function checkImage(path: string, entry: TensorEntry): TensorEntry {
  const { name, dtype, shape } = entry;
  if (dtype === 'U8' && shape.length === 1 && shape[0] > 0 && shape[0] <= largestImageBytes) return entry;
  throw damaged(
    path,
    `"${name}" as ${dtype} [${shape.join(', ')}]`,
    `a PNG file as U8, up to ${largestImageBytes} bytes`,
  );
}

/** Largest preview or sheet, in bytes. */
const largestImageBytes = 64 * 2 ** 20;

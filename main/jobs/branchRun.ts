/**
 * A new run that starts from another run's checkpoint. It takes over only the weights, as a checkpoint of its own step 0:
 * steps, budget, learning rate, optimizer moments and curves start from zero.
 */

import { checkpointPath, readCheckpoint, writeCheckpoint } from '../store/files/checkpointFile.ts';
import type { StoredTensor } from '../store/files/safetensors.ts';
import { type FieldConfig, readingOf, type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import { keptAverages } from '../../shared/config/keptAverages.ts';
import type { RunRecord } from '../../shared/run.ts';
import { beginning, formatProgress } from '../../shared/trainingProgress.ts';
import type { BranchPoint } from '../../shared/runList.ts';
import { insertCheckpoint } from '../store/runs/checkpoints.ts';
import { insertRun, purgeRun, softDeleteRun } from '../store/runs/runLifecycle.ts';
import { recordBranch } from '../store/runs/runMarks.ts';
import { getRun, updateRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';

export interface Branch {
  readonly name: string;
  readonly config: RunConfig;
  readonly from: BranchPoint;
}

/** Settings of the network that may differ, because they change neither the weights nor their meaning. */
const freeToDiffer: readonly string[] = ['dropout'];

/** @throws Error if the checkpoint is missing or damaged, or naming the first difference between the networks. */
export function branchRun(store: Store, { name, config: requested, from }: Branch): RunRecord {
  const { tensors, metadata } = readCheckpoint(findCheckpoint(store, from));
  const parent = runConfigSchema.parse(JSON.parse(metadata['config']));
  checkSameField(requested.field, parent.field);
  const config = withUnitOf(parent.path, requested);
  const run = insertRun(store, { name, config, totalSteps: config.train.steps });
  const { dataset } = getRun(store.db, from.runId);
  // With the same data settings, the new run expects the images that its weights were trained with.
  if (dataset && isSameData(config.data, parent.data))
    updateRun(store.db, run.id, { dataset: expectedOf(dataset) });
  try {
    const { step, file, bytes, sha256 } = writeCheckpoint(store.runFolder(run.id), {
      step: 0,
      tensors: startFrom(tensors, { from: parent, to: config }),
      metadata: { config: JSON.stringify(config), progress: formatProgress(beginning) },
    });
    insertCheckpoint(store.db, { runId: run.id, step, file, bytes, sha256, isBest: false });
    recordBranch(store, run.id, from);
  } catch (error) {
    softDeleteRun(store, run.id);
    purgeRun(store, run.id);
    throw error;
  }
  return run;
}

/**
 * Returns the configuration with the measured unit of its parent, in which the weights count, whatever the images are.
 * @throws Error if the units differ.
 */
function withUnitOf({ unit, measured }: RunConfig['path'], config: RunConfig): RunConfig {
  if (config.path.unit !== unit)
    throw new Error(
      `The weights of the checkpoint count in another unit: path.unit is ${unit} there and ${config.path.unit} here. Set it to ${unit}, or start without the checkpoint.`,
    );
  return { ...config, path: { ...config.path, measured } };
}

function isSameData(one: RunConfig['data'], other: RunConfig['data']): boolean {
  const readAs = (data: RunConfig['data']) => JSON.stringify([data.source, readingOf(data)]);
  return readAs(one) === readAs(other);
}

/** Leaves out changes of the images, which concern the other run; its validation images stay held out. */
function expectedOf({ changes: _, refused: __, ...dataset }: DatasetInfo): DatasetInfo {
  return dataset;
}

function findCheckpoint(store: Store, { runId, step }: BranchPoint): string {
  const { name } = getRun(store.db, runId);
  const path = checkpointPath(store.runFolder(runId), step);
  const query = 'SELECT 1 FROM checkpoints WHERE run_id = ? AND step = ?';
  if (store.db.prepare(query).get(runId, step)) return path;
  throw new Error(
    `“${name}” has no checkpoint of step ${step} any more. Choose one of the listed checkpoints.`,
  );
}

/** The kind comes first, so that parameters are compared only if the networks are of one kind. */
function checkSameField(wanted: FieldConfig, found: FieldConfig): void {
  const values: ReadonlyMap<string, unknown> = new Map(Object.entries(found));
  const isDifferent = ([name, value]: [string, unknown]) =>
    !freeToDiffer.includes(name) && value !== values.get(name);
  const different = Object.entries(wanted).find(isDifferent);
  if (!different) return;
  const [name, value] = different;
  const expected = String(values.get(name));
  throw new Error(
    `The checkpoint belongs to a different network: field.${name} is ${expected} there and ${String(value)} here. Set it to ${expected}, or start without the checkpoint.`,
  );
}

/**
 * Returns the state of step 0 under the names of the training state: parameters, buffers, zero moments, and for every
 * average the one with the same decay, else the main one, else the weights.
 */
function startFrom(
  tensors: ReadonlyMap<string, StoredTensor>,
  { from, to }: { from: RunConfig; to: RunConfig },
): Map<string, StoredTensor> {
  const averages = keptAverages(from.optim);
  const state = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const [kind, parameter] = splitName(name);
    if (kind === 'buffer' || kind === 'param') state.set(name, tensor);
    if (kind !== 'param') continue;
    const { shape, data } = tensor;
    const zeros = { dtype: 'F32', shape, data: new Float32Array(data.length) } as const;
    state.set(`adam.first/${parameter}`, zeros);
    state.set(`adam.second/${parameter}`, zeros);
    for (const { kind: average, decay } of keptAverages(to.optim)) {
      const source = averages.find((kept) => kept.decay === decay)?.kind ?? 'average';
      state.set(`${average}/${parameter}`, tensors.get(`${source}/${parameter}`) ?? tensor);
    }
  }
  return state;
}

function splitName(name: string): [kind: string, parameter: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

/** Runs every check of a reference folder that has the files for it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionKind } from '../../../shared/run.ts';
import { chooseExecution, type Execution } from '../execution.ts';
import { checkClassical, checkMasks, checkMetrics } from './dataParity.ts';
import { checkPerceiver, checkVelocity } from './networkParity.ts';
import { type ParityCheck, type SkippedCheck, readReference } from './referenceFile.ts';
import { checkTraining } from './trainingParity.ts';

export interface ParityReport {
  /** True when every check that ran passed. */
  readonly ok: boolean;
  /** How networks, solvers and training steps ran: `compiled` when every one of them was a compiled graph. */
  readonly execution: ExecutionKind;
  /**
   * What could have been a graph but ran eagerly, and why, e.g. `training step: graphs need native TensorFlow`; without a reason on a
   * card, which has no graphs.
   */
  readonly eager: readonly string[];
  readonly checks: readonly ParityCheck[];
  readonly skipped: readonly SkippedCheck[];
}

export interface ParityOptions {
  readonly folder: string;
  readonly cacheFolder: string;
  /** CIFAR-10 source for the classical methods; null when none was given or found next to the folder. */
  readonly source: string | null;
}

interface Suite {
  readonly files: readonly string[];
  readonly run: () => ParityCheck[] | Promise<ParityCheck[]>;
}

/**
 * Runs with the backend of this process, the way training and sampling do: as compiled graphs where it can.
 * @throws Error when the folder holds no reference file at all.
 */
export async function runParity(options: ParityOptions): Promise<ParityReport> {
  const eager: string[] = [];
  const execution = chooseExecution((what, kind, reason) => {
    if (kind === 'eager') eager.push(reason === null ? what : `${what}: ${reason}`);
  });
  const checks: ParityCheck[] = [];
  const skipped: SkippedCheck[] = [];
  for (const { files, run } of listSuites(options.folder, execution)) {
    const missing = files.filter((file) => !existsSync(join(options.folder, file)));
    if (missing.length === 0) checks.push(...(await run()));
    else skipped.push({ name: files[0], reason: `${missing.join(' and ')} not in the folder` });
  }
  const classical = join(options.folder, 'classical.json');
  if (!existsSync(classical)) {
    skipped.push({ name: 'classical.json', reason: 'classical.json not in the folder' });
  } else if (!options.source) {
    skipped.push({
      name: 'classical.json',
      reason: 'needs CIFAR-10 test images: name them with --data cifar10:<path>',
    });
  } else {
    checks.push(...(await checkClassical(classical, { ...options, source: options.source })));
  }
  if (checks.length === 0) {
    throw new Error(
      `No reference file in ${options.folder}: expected perceiver.safetensors, velocity.safetensors, …`,
    );
  }
  const kind = eager.length > 0 ? 'eager' : execution.kind;
  return { ok: checks.every((check) => check.ok), execution: kind, eager, checks, skipped };
}

function listSuites(folder: string, execution: Execution): Suite[] {
  const at = (name: string) => join(folder, name);
  return [
    {
      files: ['perceiver.safetensors'],
      run: () => checkPerceiver(readReference(at('perceiver.safetensors')), execution.run),
    },
    {
      files: ['velocity.safetensors'],
      run: () => checkVelocity(readReference(at('velocity.safetensors')), execution.run),
    },
    {
      files: ['training.safetensors'],
      run: () => checkTraining(readReference(at('training.safetensors')), execution),
    },
    { files: ['masks.json'], run: () => checkMasks(at('masks.json')) },
    {
      files: ['metrics.safetensors', 'metrics.json'],
      run: () => checkMetrics(at('metrics.safetensors'), at('metrics.json')),
    },
  ];
}

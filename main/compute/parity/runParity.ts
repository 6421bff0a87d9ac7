/** Runs every check of a reference folder that has the files for it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkClassical, checkMasks } from './dataParity.ts';
import { checkMetrics } from './metricParity.ts';
import { checkPerceiver, checkVelocity } from './networkParity.ts';
import type { ParityCheck, SkippedCheck } from './parityCheck.ts';
import { readReference } from './referenceFile.ts';
import { checkTraining } from './trainingParity.ts';

export interface ParityReport {
  /** True when every check that ran passed. */
  readonly ok: boolean;
  readonly checks: readonly ParityCheck[];
  readonly skipped: readonly SkippedCheck[];
}

export interface ParityOptions {
  readonly folder: string;
  readonly cacheFolder: string;
  /** CIFAR-10 source for the classical methods; null when none was given or found beside the folder. */
  readonly source: string | null;
}

/** Runs with the backend of this process. @throws Error when the folder holds no reference file at all. */
export async function runParity(options: ParityOptions): Promise<ParityReport> {
  const at = (name: string) => join(options.folder, name);
  const suites: { files: string[]; run: () => ParityCheck[] | Promise<ParityCheck[]> }[] = [
    {
      files: ['perceiver.safetensors'],
      run: () => checkPerceiver(readReference(at('perceiver.safetensors'))),
    },
    { files: ['velocity.safetensors'], run: () => checkVelocity(readReference(at('velocity.safetensors'))) },
    { files: ['training.safetensors'], run: () => checkTraining(readReference(at('training.safetensors'))) },
    { files: ['masks.json'], run: () => checkMasks(at('masks.json')) },
    {
      files: ['metrics.safetensors', 'metrics.json'],
      run: () => checkMetrics(at('metrics.safetensors'), at('metrics.json')),
    },
  ];
  const checks: ParityCheck[] = [];
  const skipped: SkippedCheck[] = [];
  for (const { files, run } of suites) {
    const missing = files.filter((file) => !existsSync(at(file)));
    if (missing.length === 0) checks.push(...(await run()));
    else skipped.push({ name: files[0], reason: `${missing.join(' and ')} not in the folder` });
  }
  if (!existsSync(at('classical.json'))) {
    skipped.push({ name: 'classical.json', reason: 'classical.json not in the folder' });
  } else if (!options.source) {
    skipped.push({
      name: 'classical.json',
      reason: 'needs CIFAR-10 test images: name them with --data cifar10:<path>',
    });
  } else {
    checks.push(...(await checkClassical(at('classical.json'), { ...options, source: options.source })));
  }
  if (checks.length === 0) {
    throw new Error(
      `No reference file in ${options.folder}: expected perceiver.safetensors, velocity.safetensors, …`,
    );
  }
  return { ok: checks.every((check) => check.ok), checks, skipped };
}

/** Folders of sweeps for tests of clusters. */

import { join } from 'node:path';
import { createSweepFolder, type SweepFile, writeTaskState } from '../../main/cluster/sweepFolder.ts';
import { listMembers } from '../../shared/sweep/expandSweep.ts';
import { type SlurmOptionsInput, slurmOptionsSchema, type TaskState } from '../../shared/sweep/slurm.ts';
import { type SweepSpecInput, sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import { smallConfig } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

export const exampleId = 'abcdefgh';

export function exampleSweepFile(
  members: number,
  { options = {}, spec = {} }: { options?: SlurmOptionsInput; spec?: Partial<SweepSpecInput> } = {},
): SweepFile {
  const parsed = sweepSpecSchema.parse({
    name: 'Rates',
    base: smallConfig('shapes'),
    seeds: Array.from({ length: members }, (_, seed) => seed),
    ...spec,
  });
  return {
    format: 'sparse-field-lab sweep on slurm',
    version: 1,
    id: exampleId,
    createdAt: '2026-01-05T00:00:00.000Z',
    appVersion: '1.0.0',
    members: listMembers(parsed).length,
    program: '/opt/lab',
    options: slurmOptionsSchema.parse(options),
    spec: parsed,
  };
}

/** Creates the folder of a sweep, which is removed when the test finishes. */
export function makeSweepFolder(members: number, given: Parameters<typeof exampleSweepFile>[1] = {}): string {
  const folder = join(makeTemporaryFolder(), "a sweep's folder");
  createSweepFolder(folder, exampleSweepFile(members, given));
  return folder;
}

export function writeState(
  folder: string,
  state: Pick<TaskState, 'member' | 'phase'> & Partial<TaskState>,
): void {
  writeTaskState(folder, {
    version: 1,
    job: { id: 100, task: state.member, name: `lab-${exampleId}-1` },
    restarts: 0,
    starts: 1,
    node: 'node7',
    updatedAt: '2026-01-05T00:00:00.000Z',
    runId: 'bcdefghi',
    status: null,
    step: 6,
    totalSteps: 12,
    scores: [],
    message: null,
    result: null,
    ...state,
  });
}

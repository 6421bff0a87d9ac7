/**
 * Early stopping across tasks. Every task scores its own member at the first rung, then continues what `chooseNext` chooses
 * from the states of all members in the shared folder. A claim, which only one task can create, decides between two tasks
 * that choose the same member at the same time.
 */

import { closeSync, fsyncSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskState } from '../../shared/sweep/slurm.ts';
import type { NextMember, RankedMember } from '../../shared/sweep/halving.ts';

const claimFile = (folder: string, { member, rung }: NextMember) =>
  join(folder, 'claims', `${member}-${rung}`);

/** Claims a member up to a rung for the task with this name. Returns whether it is now this task that computes it. */
export function claimMember(folder: string, next: NextMember, task: string): boolean {
  let file: number;
  try {
    file = openSync(claimFile(folder, next), 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, `${task}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}

/** Removes the claims of members whose tasks have ended without scoring them, so that new tasks can continue them. */
export function releaseDeadClaims(folder: string, members: readonly number[]): void {
  const dead = new Set(members);
  for (const name of readdirSync(join(folder, 'claims'))) {
    const member = /^(\d+)-\d+$/.exec(name)?.[1];
    if (member !== undefined && dead.has(Number(member)))
      rmSync(join(folder, 'claims', name), { force: true });
  }
}

/**
 * Returns the members as `chooseNext` sees them. One that has not started counts as active, because its own task will start
 * it; one whose task has vanished counts as active until it is submitted again.
 */
export function rankMembers(states: readonly (TaskState | null)[]): RankedMember[] {
  return states.map((state, index) => ({
    index,
    scores: (state?.scores ?? []).map(({ score }) => score),
    progress: state?.phase === 'waiting' || state?.phase === 'done' ? 'idle' : progressOf(state),
  }));
}

function progressOf(state: TaskState | null): RankedMember['progress'] {
  return state?.phase === 'failed' ? 'failed' : 'active';
}

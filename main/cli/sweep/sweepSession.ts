/** Computes a sweep in the terminal: progress, results as they come in, and Ctrl-C. */

import { formatPercent, formatPlural } from '../../../shared/text/format.ts';
import type { QueueState } from '../../../shared/queue.ts';
import type { SweepDetail } from '../../../shared/sweep/sweepViews.ts';
import { describeVerdict, formatScore } from '../../../shared/sweep/sweepText.ts';
import { forkHost } from '../../jobs/computeHost.ts';
import { createLane, type Lane, type LaneListener } from '../../jobs/lane.ts';
import { createSweeps, type Sweeps } from '../../jobs/sweeps/sweeps.ts';
import { describeSweep, readSweepFacts, summariseSweep } from '../../jobs/sweeps/sweepState.ts';
import { onEndRequest, requestedExitCode } from '../../runtime/processEnd.mjs';
import type { Store } from '../../store/store.ts';
import { getSweep } from '../../store/sweeps.ts';
import { cacheFolder } from '../labStore.ts';
import type { Output } from '../output.ts';

/**
 * Starts or continues a sweep, and returns when it has ended or was paused.
 * @returns the exit code. @throws Error if another process computes it.
 */
export async function computeSweep(
  store: Store,
  id: string,
  { lanes, output }: { readonly lanes: number; readonly output: Output },
): Promise<number> {
  /** Resolves with the reason if the sweep was paused for one, which a full disk may have kept from being stored. */
  const { promise: ended, resolve } = Promise.withResolvers<string | null>();
  const end = () => resolve(null);
  const resources = { store, createHost: forkHost, cacheFolder: cacheFolder() };
  const sweeps: Sweeps = createSweeps(resources, () => lane, {
    onChange: () => undefined,
    onCreated: () => undefined,
    onEnd: ({ error }) => resolve(error),
  });
  const lane: Lane = createLane(
    { ...resources, supply: sweeps, lanes: () => lanes, isStored: false },
    listen(store, id, { sweeps, output, onIdle: end }),
  );
  const release = onEndRequest(({ isRepeated }) => {
    if (isRepeated) return void lane.close().then(() => end());
    output.note('Pausing: every active run writes a checkpoint. Press Ctrl-C again to quit at once.');
    sweeps.end(id, 'pause');
    if (!lane.isBusy()) end();
  });
  try {
    sweeps.start(id);
    if (!lane.isBusy()) end();
    const error = await ended;
    await lane.pauseAll();
    return reportSweep(store, id, { output, error });
  } finally {
    release();
    sweeps.close();
  }
}

function listen(
  store: Store,
  id: string,
  { sweeps, output, onIdle }: { sweeps: Sweeps; output: Output; onIdle: () => void },
): LaneListener {
  const nothing = () => undefined;
  const isRunning = () => getSweep(store.db, id).state === 'running';
  const readCounts = () =>
    summariseSweep(readSweepFacts(store, getSweep(store.db, id), sweeps.known)).members;
  let counts = readCounts();
  return {
    onState(state) {
      output.progress(describeProgress(state, counts));
      // What was paused starts no further job.
      if (state.active.length === 0 && !isRunning()) onIdle();
    },
    onBegin: nothing,
    onEnd({ kind, runId, name }, { hasFailed }) {
      output.json({ event: 'ended', kind, run: runId, name, hasFailed });
      counts = readCounts();
    },
    onCompute(runId, event) {
      if (event.type === 'retried') output.note(`${runId}: ${event.message}`);
    },
    onMetrics: nothing,
    onPreview: nothing,
    onStudied: nothing,
    onEvaluated(evaluation) {
      sweeps.evaluated(evaluation);
      const detail = describeSweep(readSweepFacts(store, getSweep(store.db, id), sweeps.known));
      noteScore(detail, evaluation.runId, output);
    },
    onWarning: (_, message) => output.note(message),
    onFailure: (runId, message) => output.note(`Run ${runId}: ${message}`),
  };
}

function noteScore({ list, spec, rungs }: SweepDetail, runId: string, output: Output): void {
  const member = list.find((each) => each.runId === runId);
  const last = member?.rungs.at(-1);
  if (!member || !last) return;
  const { metric } = spec.objective;
  const where = last.rung === rungs.length - 1 ? '' : ` at step ${last.step}`;
  output.note(`  ${member.name}: ${formatScore(last.score, metric)}${where}`);
  output.json({ event: 'scored', member: member.index, run: runId, ...last, metric });
}

/** `3 of 24 done · learningRate 0.001: training, 42 % · …` */
export function describeProgress(
  { active }: Pick<QueueState, 'active'>,
  counts: SweepDetail['members'],
): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const over = counts.done + counts.diverged + counts.failed;
  const jobs = active.map(({ job, phase, fraction }) => {
    const name = job.name.split(' · ').slice(1).join(' · ') || job.name;
    return `${name}: ${job.kind === 'training' ? phase : 'evaluating'}${fraction === null ? '' : `, ${formatPercent(fraction)}`}`;
  });
  return [
    `${over} of ${all} done`,
    ...(counts.waiting > 0 ? [`${counts.waiting} at a rung`] : []),
    ...jobs,
  ].join(' · ');
}

function reportSweep(
  store: Store,
  id: string,
  { output, error: reason }: { readonly output: Output; readonly error: string | null },
): number {
  const detail = describeSweep(readSweepFacts(store, getSweep(store.db, id)));
  const { name, members, spec, analysis } = detail;
  const [state, error] = reason === null ? [detail.state, detail.error] : (['paused', reason] as const);
  output.json({ event: 'done', sweep: id, state, members, error, analysis });
  const total = Object.values(members).reduce((sum, count) => sum + count, 0);
  output.text(`Sweep ${id} "${name}" is ${state}: ${members.done} of ${formatPlural(total, 'run')} done.`);
  output.text(describeVerdict(analysis, spec));
  if (error !== null) output.note(error);
  if (state === 'finished') {
    output.text(`See all of it with: lab sweep show ${id}`);
    return 0;
  }
  output.text(`Continue it with: lab sweep resume ${id}`);
  return error === null ? (requestedExitCode() ?? 0) : 1;
}

/** Turns what happens in the lane and to runs into events of the contract, combined so that no page is flooded. */

import type { Notice } from '../../shared/appInfo.ts';
import type { EventName, Events } from '../../shared/contract.ts';
import type { MetricPoint } from '../../shared/metric.ts';
import { hasNearlyExact, pooledPsnr } from '../../shared/numbers/psnrMean.ts';
import type { RunRecord } from '../../shared/run.ts';
import { describeBest, formatDecibels, formatPlural } from '../../shared/text/format.ts';
import type { StoredEvaluation } from '../store/runs/evaluations.ts';
import { readSummaries } from '../store/runs/runList.ts';
import { getRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { findSweepById } from '../store/sweeps.ts';
import { type KnownRuns, readSweepFacts, storedOnly, summariseSweep } from './sweeps/sweepState.ts';
import { throttle } from './throttle.ts';
import type { LaneListener } from './lane.ts';

/** Sends an event to every page of every transport. */
export type Send = <Name extends EventName>(event: Name, payload: Events[Name]) => void;

export interface LiveEvents {
  /** Turns the callbacks of the lane into events. */
  readonly lane: LaneListener;
  /** These runs changed; sent at most twice a second, all together. */
  runsChanged(ids: readonly string[]): void;
  /** Runs were added, removed, archived or restored. */
  listChanged(): void;
  /** Sweeps were added or removed. */
  sweepListChanged(): void;
  /** This sweep changed; sent at most once a second. */
  sweepChanged(id: string): void;
  metrics(runId: string, points: readonly MetricPoint[]): void;
  notice(notice: Notice): void;
  /** Sends buffered changes; later ones are dropped. */
  close(): void;
}

/** Milliseconds for which changes of runs are collected. */
const runsDelay = 500;
/** Milliseconds for which changes of sweeps are collected. */
const sweepsDelay = 1000;

/** @param tasksOf Returns the tasks of a sweep on a cluster; null if nothing is known of them. */
export function createLiveEvents(
  store: Store,
  send: Send,
  tasksOf: KnownRuns['tasksOf'] = () => null,
): LiveEvents {
  const changed = new Set<string>();
  const sendRuns = throttle(runsDelay, () => {
    if (changed.size > 0) send('runs.changed', readSummaries(store.db, [...changed]));
    changed.clear();
  });
  const changedSweeps = new Set<string>();
  const sendSweeps = throttle(sweepsDelay, () => {
    for (const id of changedSweeps) {
      const sweep = findSweepById(store.db, id);
      if (sweep)
        send('sweeps.changed', summariseSweep(readSweepFacts(store, sweep, { ...storedOnly, tasksOf })));
    }
    changedSweeps.clear();
  });
  const live: Omit<LiveEvents, 'lane'> = {
    runsChanged(ids) {
      for (const id of ids) changed.add(id);
      sendRuns.schedule();
    },
    listChanged: () => send('runs.listChanged', null),
    sweepListChanged: () => send('sweeps.listChanged', null),
    sweepChanged(id) {
      changedSweeps.add(id);
      sendSweeps.schedule();
    },
    metrics: (runId, points) => send('run.metrics', { runId, points }),
    notice: (notice) => send('notice', notice),
    close() {
      sendRuns.close();
      sendSweeps.close();
    },
  };
  return { ...live, lane: listenToLane(store, send, live) };
}

function listenToLane(store: Store, send: Send, live: Omit<LiveEvents, 'lane'>): LaneListener {
  return {
    onState: (state) => send('queue.changed', state),
    onBegin: ({ runId }) => live.runsChanged([runId]),
    onEnd({ runId, kind }, { hasFailed }) {
      live.runsChanged([runId]);
      const notice = kind === 'training' && !hasFailed ? noticeOfTraining(getRun(store.db, runId)) : null;
      if (notice) live.notice(notice);
    },
    onCompute(runId, event) {
      if (event.type !== 'progress') live.runsChanged([runId]);
      if (event.type === 'retried') live.notice({ level: 'warning', message: event.message, runId });
      if (event.type === 'checkpoint') send('run.checkpoint', { runId, step: event.step });
    },
    onMetrics: live.metrics,
    onPreview: (runId, step) => send('run.preview', { runId, step }),
    onEvaluated(found) {
      const { runId, step, protocol, rows } = found;
      send('run.evaluated', { runId, step, evaluation: { protocol, rows } });
      live.notice(noticeOfEvaluation(getRun(store.db, runId), found));
    },
    onStudied(runId) {
      send('run.studied', { runId });
      const { name } = getRun(store.db, runId);
      live.notice({ level: 'success', message: `The study of “${name}” is ready on its tab Method.`, runId });
    },
    onWarning: (runId, message) => live.notice({ level: 'warning', message, runId }),
    onFailure: (runId, message) => live.notice({ level: 'error', message, runId }),
  };
}

/** Describes the end of a training; null if the user ended it. */
function noticeOfTraining(run: RunRecord): Notice | null {
  const { id: runId, name, status, error, warning, step, bestPsnr } = run;
  if (status === 'finished') {
    const best = bestPsnr === null ? '' : `, ${describeBest(bestPsnr)}`;
    if (warning !== null) return { level: 'warning', message: `“${name}” has finished. ${warning}`, runId };
    return {
      level: 'success',
      message: `“${name}” has finished: ${formatPlural(step, 'step')}${best}.`,
      runId,
    };
  }
  if (error === null) return null;
  return { level: status === 'paused' ? 'warning' : 'error', message: `“${name}”: ${error}`, runId };
}

/** Describes an evaluation by the best row of the field. */
function noticeOfEvaluation({ name }: RunRecord, { runId, rows }: StoredEvaluation): Notice {
  const own = rows.filter(({ nfe }) => nfe > 0);
  const isBounded = hasNearlyExact(own);
  const quality = (row: (typeof own)[number]) => (isBounded ? pooledPsnr(row) : (row.psnr ?? -Infinity));
  const best = own.reduce<(typeof own)[number] | null>(
    (winner, row) => (winner === null || quality(row) > quality(winner) ? row : winner),
    null,
  );
  const found = best ? `: ${best.method}, ${describeMean(best)}` : '';
  return { level: 'success', message: `“${name}” is evaluated${found}.`, runId };
}

function describeMean({ psnr, exactImages }: StoredEvaluation['rows'][number]): string {
  if (psnr === Infinity) return 'every image exact';
  return exactImages
    ? `${formatDecibels(psnr)} and ${formatPlural(exactImages, 'exact image')}`
    : formatDecibels(psnr);
}

/** The life of a training run: lease, resume point, compute process, and final status. */

import { describeError } from '../../shared/text/describeError.ts';
import { resumableStatuses, type RunRecord } from '../../shared/run.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { checkpointPath } from '../store/files/checkpointFile.ts';
import type { FileFault } from '../store/files/checkpointFolder.ts';
import type { TrainingPoint } from '../compute/protocol.ts';
import { acquireLease, releaseLease } from '../store/runs/leases.ts';
import { listReferences } from '../store/runs/references.ts';
import { rewindRun } from '../store/runs/recording.ts';
import { changeRunConfig } from '../store/runs/runLifecycle.ts';
import { getRun, updateRun } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleChoice } from '../../shared/config/optimConfig.ts';
import { extendSchedule } from '../../shared/config/longerBudget.ts';
import { formatPlural } from '../../shared/text/format.ts';
import { type ComputeHost, type CreateHost, type HostMode, retriedEvent } from './computeHost.ts';
import { type FollowedRun, followRun, type RunListener } from './followRun.ts';
import { findResumePoint } from './runCheckpoint.ts';
import { logEndRequest, type Requester } from './runLogger.ts';

export interface TrainingOptions extends RunListener {
  readonly createHost: CreateHost;
  readonly cacheFolder: string;
  /** Receives damaged checkpoints that were skipped. */
  readonly onDamaged?: (faults: readonly FileFault[]) => void;
  /** Continues with this configuration instead of the stored one: a longer budget. */
  readonly config?: RunConfig;
  /** How the learning rate continues under a longer budget; default: the schedule is stretched over the whole budget. */
  readonly schedule?: ScheduleChoice;
  /** The new location of the run's images; it replaces the one in the configuration. */
  readonly source?: string;
  /** Continues even if the images differ from those that the run was trained on before. */
  readonly acceptChangedData?: boolean;
  /** Pauses the run there, before its budget is spent. */
  readonly pauseAt?: TrainingPoint;
}

/** How a training that is paused or stopped ends. */
export interface EndOptions {
  /** After the checkpoint, evaluates and previews the last state; default: ends there. A later request may withdraw this. */
  readonly scores?: boolean;
  /** Who asks, for the log. */
  readonly by?: Requester;
}

export interface Training {
  /** Writes a checkpoint at the next step and ends. */
  pause(options?: EndOptions): void;
  /** Like `pause`, but the run is then stopped by the user. */
  stop(options?: EndOptions): void;
  /** Ends at once: the run is interrupted and keeps everything up to its newest checkpoint. */
  kill(by?: Requester): void;
  /** The final record of the run. Rejects only if the end cannot be recorded. */
  readonly ended: Promise<RunRecord>;
}

/**
 * Starts or resumes a run.
 * @throws Error if the run is finished or diverged, its new budget is already spent, or another process works on it.
 */
export function startTraining(store: Store, runId: string, options: TrainingOptions): Training {
  const run = getRun(store.db, runId);
  checkResumable(run, options.config);
  acquireLease(store.db, runId);
  try {
    return launch(store, run, options);
  } catch (error) {
    releaseLease(store.db, runId);
    throw error;
  }
}

/** @throws Error if the status or the budget of the run does not allow it to continue. */
export function checkResumable(run: RunRecord, config: RunConfig | undefined): void {
  if (config) checkBudget(run, config);
  // The lease detects a live owner; a dead one was detected when the store was opened.
  if (resumableStatuses.includes(run.status) || run.status === 'running') return;
  if (run.status === 'finished' && config) return;
  const next =
    run.status === 'finished'
      ? `Give it a larger budget: lab resume ${run.id} --steps N, --epochs N or --minutes M.`
      : 'Start a new run with a smaller learning rate (optim.learningRate).';
  const state = run.status === 'finished' ? 'is finished' : `has ${run.status}`;
  throw new Error(`Run ${run.id} "${run.name}" ${state}: there is nothing to resume. ${next}`);
}

/** A budget counts from the beginning of the run, not from the point where it resumes. */
function checkBudget(run: RunRecord, { train }: RunConfig): void {
  const isSpent =
    (train.steps === null ? train.epochs <= run.epoch : train.steps <= run.step) ||
    (train.minutes !== null && train.minutes * 60 <= run.processSeconds);
  if (!isSpent) return;
  const minutes = (run.processSeconds / 60).toFixed(1);
  throw new Error(
    `Run ${run.id} "${run.name}" has trained ${formatPlural(run.step, 'step')} (${formatPlural(run.epoch, 'epoch')}, ${minutes} min) already, and a budget counts from its beginning: give a larger one.`,
  );
}

/** Trains until the run ends. After a crash it continues once, in safe mode, from its newest checkpoint. */
function launch(store: Store, run: RunRecord, options: TrainingOptions): Training {
  let wasEnded = false;
  const mayRetry = () => !wasEnded;
  let current = begin(store, run, { ...options, mode: 'usual', mayRetry });
  const finish = async (): Promise<RunRecord> => {
    const end = await current.ended;
    if ('run' in end) return end.run;
    options.onEvent?.(retriedEvent(end.crash));
    try {
      const now = getRun(store.db, run.id);
      // Once training has started, the stored configuration is the one to continue with.
      const started = { config: undefined, schedule: undefined, source: undefined };
      const again = now.status === 'running' ? { ...options, ...started } : options;
      current = begin(store, now, { ...again, mode: 'safe', mayRetry: () => false });
    } catch (error) {
      updateRun(store.db, run.id, { status: 'crashed', error: describeError(error) });
      releaseLease(store.db, run.id);
      return getRun(store.db, run.id);
    }
    const second = await current.ended;
    if ('run' in second) return second.run;
    throw new Error(`Run ${run.id} crashed a second time and was not settled.`);
  };
  const log = (what: Parameters<typeof logEndRequest>[2]['what'], by: Requester | undefined) => {
    if (by === undefined) return;
    try {
      logEndRequest(store, run.id, { what, by });
    } catch {
      // The end is more important than its line in the log.
    }
  };
  const send = (type: 'pause' | 'stop', { scores = false, by }: EndOptions = {}) => {
    wasEnded = true;
    log(type === 'pause' ? 'Pause' : 'Stop', by);
    current.host.send({ type, ...(scores && { scores }) });
  };
  return {
    pause: (end) => send('pause', end),
    stop: (end) => send('stop', end),
    kill(by) {
      log('End at once', by);
      current.kill();
    },
    ended: finish(),
  };
}

interface BeginOptions extends TrainingOptions {
  readonly mode: HostMode;
  /** Whether the run may be started once more if this process crashes. */
  readonly mayRetry: () => boolean;
}

/** Starts a process that resumes from the newest good checkpoint. */
function begin(
  store: Store,
  run: RunRecord,
  options: BeginOptions,
): FollowedRun & { readonly host: ComputeHost } {
  const folder = store.runFolder(run.id);
  const { checkpoint, damaged } = findResumePoint(store, run);
  if (damaged.length > 0) options.onDamaged?.(damaged);
  const fromStep = checkpoint?.step ?? 0;
  const config = continuedConfig(run, options, fromStep);
  const host = options.createHost(options.mode);
  try {
    const onStart = () => {
      rewindRun(store, run.id, fromStep);
      if (config !== run.config) changeRunConfig(store, run.id, config);
    };
    const { mayRetry, acceptChangedData = false, cacheFolder, pauseAt } = options;
    const followed = followRun(store, { run, config, host, fromStep, onStart, mayRetry }, options);
    const path = checkpoint ? checkpointPath(folder, checkpoint.step) : null;
    const known = run.dataset;
    const references = listReferences(store.db, config);
    host.send({
      type: 'train',
      job: {
        config,
        folder,
        checkpoint: path,
        cacheFolder,
        known,
        acceptChangedData,
        references,
        ...(pauseAt && { pauseAt }),
      },
    });
    return { ...followed, host };
  } catch (error) {
    host.kill();
    throw error;
  }
}

/** Returns the run's configuration with the changes of the options; the same object if there are none. */
function continuedConfig(
  run: RunRecord,
  { config, schedule, source }: TrainingOptions,
  fromStep: number,
): RunConfig {
  const extended = config ? extendSchedule(run, config, { schedule, fromStep }) : run.config;
  if (source === undefined || source === extended.data.source) return extended;
  return { ...extended, data: { ...extended.data, source } };
}

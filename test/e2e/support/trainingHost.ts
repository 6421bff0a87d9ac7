/** A fake of the compute process that trains at the pace of the test, with numbers that follow from the step. */

import type { Command, ComputeEvent, TrainJob } from '../../../main/compute/protocol.ts';
import type { CreateHost } from '../../../main/jobs/computeHost.ts';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { createFakeHost, type FakeHost } from '../../jobs/fakeHost.ts';
import { exampleCheckpoint } from '../../store/files/exampleCheckpoint.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { curveAt, psnrAt } from './curves.ts';
import { drawPreview } from './drawPreview.ts';

export interface Pace {
  /** Milliseconds per step. */
  readonly stepTime: number;
  /** Steps of a run that has no budget in steps. */
  readonly totalSteps: number;
}

/** Returns a factory of hosts, one per job; they pause and stop with a checkpoint, and evaluate immediately. */
export function createTrainingHost({ stepTime = 20, totalSteps = 2000 }: Partial<Pace> = {}): CreateHost {
  return () => {
    let end: (how: 'paused' | 'stopped') => void = () => undefined;
    const host = createFakeHost((command: Command) => {
      if (command.type === 'train') end = train(host, command.job, { stepTime, totalSteps });
      else if (command.type === 'pause') end('paused');
      else if (command.type === 'stop') end('stopped');
      else if (command.type === 'evaluate') evaluate(host);
    });
    return host;
  };
}

/** Starts the training and returns a function that ends it early. */
function train(host: FakeHost, job: TrainJob, pace: Pace): (how: 'paused' | 'stopped') => void {
  const total = job.config.train.steps ?? pace.totalSteps;
  let step = firstStep(job);
  const emit = (event: ComputeEvent) => host.emit(event);
  const finish = (how: 'paused' | 'stopped' | 'finished') => {
    clearInterval(timer);
    emit(checkpoint(job, step));
    emit({ type: 'ended', end: how, step });
    host.exit();
  };
  // Like a real process, it sends nothing before the sender of the command has continued.
  setImmediate(() => {
    emit(ready);
    emit(started(job, { step, total }));
    emit({ type: 'execution', what: 'training', kind: 'compiled', reason: null });
    if (step === 0) emit({ type: 'preview', step, rows: drawPreview(step) });
  });
  const timer = setInterval(() => {
    if (host.isGone()) return clearInterval(timer);
    step += 1;
    emit(stepEvent(step, pace.stepTime));
    if (step % job.config.train.evaluateEverySteps === 0) emit(evaluation(step, pace.stepTime));
    if (step % job.config.train.previewEverySteps === 0)
      emit({ type: 'preview', step, rows: drawPreview(step) });
    if (step % job.config.train.checkpointEverySteps === 0) emit(checkpoint(job, step));
    if (step >= total) finish('finished');
  }, pace.stepTime);
  return finish;
}

function evaluate(host: FakeHost): void {
  setImmediate(() => {
    host.emit(ready);
    host.emit({ type: 'progress', phase: 'evaluating', done: 50, total: 100 });
    host.emit({ type: 'evaluated', evaluation: exampleEvaluation });
    host.exit();
  });
}

const ready: ComputeEvent = {
  type: 'ready',
  backend: { kind: 'tensorflow', device: 'CPU', version: '2.19.0' },
  reason: null,
};

function firstStep({ checkpoint: path }: TrainJob): number {
  return Number(/ckpt-(\d+)/.exec(path ?? '')?.[1] ?? 0);
}

function started({ config }: TrainJob, { step, total }: { step: number; total: number }): ComputeEvent {
  const size = { height: config.data.imageSize, width: config.data.imageSize };
  const dataset = { source: config.data.source, split: 'train', count: 4000, ...size } as const;
  return {
    type: 'started',
    dataset: { ...dataset, checksum: 'c0ffee', notes: [] },
    step,
    totalSteps: total,
    stepsPerEpoch: 250,
    parameters: 93_315,
  };
}

function stepEvent(step: number, milliseconds: number): ComputeEvent {
  const { loss, gradNorm, learningRate } = curveAt(step);
  const processSeconds = (step * milliseconds) / 1000;
  const time = { milliseconds, processSeconds };
  return { type: 'step', step, epoch: Math.floor(step / 250), loss, gradNorm, learningRate, ...time };
}

function evaluation(step: number, milliseconds: number): ComputeEvent {
  const processSeconds = (step * milliseconds) / 1000;
  return { type: 'evaluation', step, processSeconds, exactImages: 0, scores: psnrAt(step) };
}

function checkpoint({ folder }: TrainJob, step: number): ComputeEvent {
  const { file, bytes, sha256 } = writeCheckpoint(folder, exampleCheckpoint(step));
  const place = { step, epoch: Math.floor(step / 250), file, bytes, sha256, isBest: false };
  const { loss } = curveAt(Math.max(1, step));
  return { type: 'checkpoint', ...place, processSeconds: step / 50, loss, bestPsnr: null };
}

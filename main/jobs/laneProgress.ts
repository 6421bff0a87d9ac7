/** The progress of the job in the lane, derived from its events: phase, fraction, speed and time left. */

import { budgetFraction } from '../../shared/run.ts';
import type { LaneJob, LaneProgress } from '../../shared/queue.ts';
import type { ComputeEvent } from '../compute/protocol.ts';

export interface ProgressTracker {
  observe(event: ComputeEvent): void;
  /** Fixes the phase, because the end was requested. */
  end(phase: 'pausing' | 'stopping'): void;
  read(job: LaneJob): LaneProgress;
}

const unknownPace: PaceReading = { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };

/** Tracks a job; `minutes` is the training's budget. */
export function trackProgress(minutes: number | null): ProgressTracker {
  const pace = createPace();
  let reading = unknownPace;
  let place: { phase: string; done: number; total: number | null } = {
    phase: 'starting',
    done: 0,
    total: null,
  };
  let fraction: number | null = null;
  let lastPhase: 'pausing' | 'stopping' | null = null;
  let totalSteps: number | null = null;
  let isNative = false;
  let heardAt = performance.now();
  const evaluation = createEvaluationPace();
  return {
    observe(event) {
      heardAt = performance.now();
      if (event.type === 'ready') isNative = event.backend.kind === 'tensorflow';
      if (event.type === 'started') {
        totalSteps = event.totalSteps;
        pace.start({ ...event, minutes });
      }
      if (event.type === 'step') {
        reading = pace.read(event);
        fraction = budgetFraction({ ...event, status: 'running', totalSteps, minutes });
      }
      if (event.type === 'progress' && event.fraction !== undefined) {
        fraction = event.fraction;
        reading = { ...unknownPace, secondsLeft: evaluation.read(event.fraction) };
      }
      place = placeAfter(event, place, {
        isNative,
        isTimed: minutes !== null,
        hasStarted: totalSteps !== null,
      });
    },
    end(phase) {
      lastPhase = phase;
    },
    read: (job) => ({
      job,
      ...place,
      ...reading,
      // What is read first has a length of its own, which says nothing about the job.
      fraction: fraction ?? (totalSteps !== null && place.total ? place.done / place.total : null),
      phase: lastPhase === null ? place.phase : describeEnd(lastPhase, place.phase),
      quietSeconds: (performance.now() - heardAt) / 1000,
    }),
  };
}

/** Fraction of an evaluation from which its time is extrapolated; before it is compiled and warmed up. */
const firstFraction = 0.03;

/** Extrapolates the time that an evaluation still takes. */
export function createEvaluationPace(now: () => number = () => performance.now()): {
  /** Returns seconds; null as long as too little is done. */
  read(fraction: number): number | null;
} {
  let from: { readonly at: number; readonly fraction: number } | null = null;
  return {
    read(fraction) {
      from ??= { at: now(), fraction };
      const done = fraction - from.fraction;
      if (done < firstFraction) return null;
      return ((now() - from.at) / 1000) * ((1 - fraction) / done);
    },
  };
}

/** `pausing`, then `pausing, evaluating the last step` when its checkpoint is written. */
function describeEnd(end: 'pausing' | 'stopping', phase: string): string {
  return phase.startsWith('evaluating') ? `${end}, ${phase}` : end;
}

type Place = Pick<LaneProgress, 'phase' | 'done' | 'total'>;

function placeAfter(
  event: ComputeEvent,
  place: Place,
  of: { isNative: boolean; isTimed: boolean; hasStarted: boolean },
): Place {
  // The steps of a training stay in view while its last one is evaluated.
  if (event.type === 'progress' && of.hasStarted) return { ...place, phase: event.phase };
  if (event.type === 'progress') return { phase: event.phase, done: event.done, total: event.total };
  if (event.type === 'started') {
    const phase = of.isNative ? 'compiling the graph, first step' : 'first step';
    return { phase, done: event.step, total: of.isTimed ? null : event.totalSteps };
  }
  if (event.type === 'step') return { ...place, phase: 'training', done: event.step };
  return place;
}

type StepEvent = Extract<ComputeEvent, { type: 'step' }>;

export interface PaceReading {
  /** Running mean; null before the second step, because the first one compiles the graph. */
  readonly stepsPerSecond: number | null;
  /** By steps or by the budget in minutes, depending on which ends first. */
  readonly secondsLeft: number | null;
  /** Half the width of the interval of uncertainty of `secondsLeft`. */
  readonly secondsLeftSpread: number | null;
}

export interface Pace {
  start(from: { step: number; totalSteps: number; minutes: number | null }): void;
  read(event: StepEvent): PaceReading;
}

/** Weight of the newest step in the running means. */
const newestWeight = 0.05;
/** Number of independent steps with a mean of the same variance. */
const effectiveSteps = 2 / newestWeight - 1;

/** The first step seen: the average since then includes evaluations and previews. */
interface Beginning {
  readonly step: number;
  readonly processSeconds: number;
}

export function createPace(): Pace {
  let budget: { totalSteps: number; minutes: number | null } = { totalSteps: 0, minutes: null };
  let beginning: Beginning | null = null;
  let mean: number | null = null;
  let variance = 0;
  return {
    start({ totalSteps, minutes }) {
      budget = { totalSteps, minutes };
      beginning = null;
      mean = null;
      variance = 0;
    },
    read(event) {
      if (!beginning) {
        beginning = { step: event.step, processSeconds: event.processSeconds };
        return { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };
      }
      const deviation = mean === null ? 0 : event.milliseconds - mean;
      mean = (mean ?? event.milliseconds) + newestWeight * deviation;
      variance = (1 - newestWeight) * (variance + newestWeight * deviation ** 2);
      const estimate = { mean, deviation: Math.sqrt(variance), beginning };
      return { stepsPerSecond: mean > 0 ? 1000 / mean : null, ...estimateLeft(event, budget, estimate) };
    },
  };
}

function estimateLeft(
  event: StepEvent,
  budget: { totalSteps: number; minutes: number | null },
  { mean, deviation, beginning }: { mean: number; deviation: number; beginning: Beginning },
): Pick<PaceReading, 'secondsLeft' | 'secondsLeftSpread'> {
  const steps = Math.max(0, budget.totalSteps - event.step);
  const done = Math.max(1, event.step - beginning.step);
  const average = (event.processSeconds - beginning.processSeconds) / done;
  // Only the average over all steps includes the pauses between them, such as evaluations.
  const seconds = Math.max(average, mean / 1000);
  const spread =
    steps *
    (Math.abs(average - mean / 1000) / 2 + deviation / 1000 / Math.sqrt(Math.min(done, effectiveSteps)));
  const bySteps = steps * seconds;
  const byTime = budget.minutes === null ? Infinity : Math.max(0, budget.minutes * 60 - event.processSeconds);
  if (byTime < bySteps)
    return { secondsLeft: byTime, secondsLeftSpread: Math.max(0, byTime - (bySteps - spread)) };
  return { secondsLeft: bySteps, secondsLeftSpread: spread };
}

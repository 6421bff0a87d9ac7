/** How far the job in the lane has come, told from its events. */

import type { ComputeEvent } from '../compute/protocol.ts';
import type { LaneJob, LaneProgress } from '../../shared/queue.ts';
import { budgetShare } from '../../shared/config/budgetShare.ts';
import { createPace, type PaceReading } from './pace.ts';

export interface ProgressTracker {
  observe(event: ComputeEvent): void;
  /** The end was asked for; nothing changes the phase any more. */
  end(phase: 'pausing' | 'stopping'): void;
  read(job: LaneJob): LaneProgress;
}

const unknownPace: PaceReading = { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };

/** `minutes`: the training's budget. */
export function trackProgress(minutes: number | null): ProgressTracker {
  const pace = createPace();
  let reading = unknownPace;
  let place: { phase: string; done: number; total: number | null } = {
    phase: 'starting',
    done: 0,
    total: null,
  };
  let share: number | null = null;
  let lastPhase: string | null = null;
  let totalSteps: number | null = null;
  let isNative = false;
  let heardAt = performance.now();
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
        share = budgetShare({ ...event, status: 'running', totalSteps, minutes });
      }
      place = placeAfter(event, place, { isNative, isTimed: minutes !== null });
    },
    end(phase) {
      lastPhase = phase;
    },
    read: (job) => ({
      job,
      ...place,
      ...reading,
      share: share ?? (place.total ? place.done / place.total : null),
      phase: lastPhase ?? place.phase,
      quietSeconds: (performance.now() - heardAt) / 1000,
    }),
  };
}

type Place = Pick<LaneProgress, 'phase' | 'done' | 'total'>;

function placeAfter(event: ComputeEvent, place: Place, of: { isNative: boolean; isTimed: boolean }): Place {
  if (event.type === 'progress') return { phase: event.phase, done: event.done, total: event.total };
  if (event.type === 'started') {
    const phase = of.isNative ? 'compiling the graph, first step' : 'first step';
    return { phase, done: event.step, total: of.isTimed ? null : event.totalSteps };
  }
  if (event.type === 'step') return { ...place, phase: 'training', done: event.step };
  return place;
}

/** Requests that make runs compute. */

import type { trainingRequests } from '../../shared/contract/training.ts';
import { createDemo, createRun } from './createRun.ts';
import { estimateRun } from './estimateRun.ts';
import type { LaboratoryParts } from './parts.ts';
import type { HandlersOf } from './register.ts';
import { endJob, evaluateRun, pauseRun, startRun, stopRun } from './steerRun.ts';

export function createTrainingHandlers(parts: LaboratoryParts): HandlersOf<typeof trainingRequests> {
  const { lane } = parts;
  return {
    'training.estimate': (request) => estimateRun(parts, request),
    'training.create': (request) => createRun(parts, request),
    'training.demo': () => createDemo(parts),
    'training.start': ({ id, ...request }) => startRun(parts, id, request),
    'training.pause': ({ id }) => pauseRun(parts, id),
    'training.stop': ({ id }) => stopRun(parts, id),
    'training.evaluate': (request) => evaluateRun(parts, request),
    'queue.get': () => lane.state(),
    'queue.remove': ({ id, kind }) => endJob(parts, { runId: id, kind }),
    'queue.move'({ id, kind, position }) {
      lane.move({ runId: id, kind }, position);
      return lane.state();
    },
    'queue.release'() {
      lane.release();
      return lane.state();
    },
  };
}

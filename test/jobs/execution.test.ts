/** How training steps ran is part of what is known of a run. */

import { describe, expect, it } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import type { ExecutionKind } from '../../shared/run.ts';
import { endedEvent, stepEvent } from './exampleEvents.ts';
import { startExample } from './exampleTraining.ts';

function executionEvent(kind: ExecutionKind, what = 'training step'): ComputeEvent {
  return { type: 'execution', what, kind, reason: kind === 'eager' ? 'told to' : null };
}

const backend = { kind: 'wasm', device: 'CPU', version: '1.0.0' };

describe('how training steps ran', () => {
  it.each(['compiled', 'eager'] as const)('is kept with the run’s backend: %s', async (kind) => {
    const { host, store, run, training } = startExample();
    expect(getRun(store.db, run.id).backend).toEqual(backend);
    host.emit(executionEvent(kind));
    host.emit(stepEvent(1));
    expect(getRun(store.db, run.id).backend).toEqual({ ...backend, execution: kind });
    host.emit(endedEvent('finished', 1));
    host.exit();
    expect((await training.ended).backend).toEqual({ ...backend, execution: kind });
  });

  it('is not what another function reports of itself', async () => {
    const { host, training } = startExample();
    host.emit(executionEvent('compiled'));
    host.emit(executionEvent('eager', 'velocity'));
    host.exit();
    expect((await training.ended).backend).toEqual({ ...backend, execution: 'compiled' });
  });

  it('is reported again by the process that resumes the run', async () => {
    const first = startExample();
    first.host.emit(executionEvent('compiled'));
    first.host.exit();
    await first.training.ended;
    const second = startExample(first);
    expect(getRun(second.store.db, second.run.id).backend).toEqual(backend);
    second.host.emit(executionEvent('eager'));
    second.host.exit();
    expect((await second.training.ended).backend).toEqual({ ...backend, execution: 'eager' });
  });

  it('reaches who listens, reason included', async () => {
    const seen: ComputeEvent[] = [];
    const { host, training } = startExample(undefined, { onEvent: (event) => seen.push(event) });
    host.emit(executionEvent('eager'));
    host.exit();
    await training.ended;
    expect(seen).toContainEqual({
      type: 'execution',
      what: 'training step',
      kind: 'eager',
      reason: 'told to',
    });
  });
});

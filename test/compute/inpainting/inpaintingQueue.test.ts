import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { InpaintEvent, InpaintJob, ComputeEvent } from '../../../main/compute/protocol.ts';
import { layoutOf, saveState } from '../../../main/compute/modelCheckpoint.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { initialState, toState } from '../../../main/engine/train/state.ts';
import { forkHost } from '../../../main/jobs/forkHost.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import '../../support/backend.ts';
import { exampleJob } from './exampleJob.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));

/** An untrained run's checkpoint, in a folder of its own. */
async function saveRun(input: RunConfigInput) {
  const config = runConfigSchema.parse(input);
  const field = createField(config.field);
  const layout = layoutOf(field, config);
  const state = toState(initialState(field.parameters, layout, 42), layout);
  const progress = { step: 1, processSeconds: 1, loss: null, best: null };
  const own = mkdtempSync(join(folder, 'run-'));
  const { file } = await saveState(own, { state, layout, config, progress });
  return { config, checkpoint: join(own, file) };
}

const run = await saveRun(trainings.unet);
const other = await saveRun(trainings.notebook);
const host = forkHost();
const events: ComputeEvent[] = [];
host.onEvent((event) => events.push(event));
afterAll(() => {
  host.kill();
  rmSync(folder, { recursive: true, force: true });
});

function send(id: string, changes: Partial<InpaintJob> = {}, of = run): void {
  host.send({ type: 'inpaint', job: { ...exampleJob(of), checkpoint: of.checkpoint, id, ...changes } });
}

async function untilEvent<Found extends ComputeEvent>(
  is: (event: ComputeEvent) => event is Found,
): Promise<Found> {
  for (;;) {
    const found = events.find(is);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isEndOf =
  (id: string) =>
  (event: ComputeEvent): event is Extract<InpaintEvent, { type: 'inpainted' | 'inpaintingEnded' }> =>
    (event.type === 'inpainted' || event.type === 'inpaintingEnded') && event.id === id;

/** A long job: a large image in a thousand steps. */
const long = { width: 200, height: 150, steps: 1000 };
const longExample = exampleJob(run, long);

describe('the process that inpaints', () => {
  it('works on one job after the other, and stays', async () => {
    send('first');
    send('second', {}, other);
    send('third');
    expect(await untilEvent(isEndOf('third'))).toMatchObject({ type: 'inpainted' });
    const ends = events.flatMap((event) => ('id' in event && event.type === 'inpainted' ? [event] : []));
    expect(ends.map(({ id }) => id)).toEqual(['first', 'second', 'third']);
    expect(ends[2].inpainting.result).toEqual(ends[0].inpainting.result);
    expect(ends[1].inpainting.result).not.toEqual(ends[0].inpainting.result);
    expect(events.filter(({ type }) => type === 'ready')).toHaveLength(1);
  });

  it('ends a job at once when it is cancelled, one that waits too, and continues with the next', async () => {
    send('long', { ...longExample, checkpoint: run.checkpoint, id: 'long' });
    send('waiting');
    send('after');
    await untilEvent((event): event is ComputeEvent => event.type === 'inpaintState' && event.id === 'long');
    const cancelledAt = performance.now();
    host.send({ type: 'cancel', id: 'waiting' });
    host.send({ type: 'cancel', id: 'long' });
    expect(await untilEvent(isEndOf('long'))).toMatchObject({ type: 'inpaintingEnded', message: null });
    expect(performance.now() - cancelledAt).toBeLessThan(3000);
    expect(await untilEvent(isEndOf('waiting'))).toMatchObject({ type: 'inpaintingEnded', message: null });
    expect(await untilEvent(isEndOf('after'))).toMatchObject({ type: 'inpainted' });
  });

  it('says why a job cannot be done, and continues', async () => {
    send('blind', { mask: { width: 23, height: 14, bits: new Uint8Array(23 * 14) } });
    send('gone', { checkpoint: join(folder, 'ckpt-1.safetensors') });
    send('fine');
    const blind = await untilEvent(isEndOf('blind'));
    expect(blind).toMatchObject({ type: 'inpaintingEnded' });
    expect('message' in blind && blind.message).toContain('No pixel is known');
    const gone = await untilEvent(isEndOf('gone'));
    expect('message' in gone && gone.message).toContain('ckpt-1.safetensors');
    expect(await untilEvent(isEndOf('fine'))).toMatchObject({ type: 'inpainted' });
  });

  it('ends when it is stopped, its job with it', async () => {
    send('last', { ...longExample, checkpoint: run.checkpoint, id: 'last' });
    await untilEvent((event): event is ComputeEvent => event.type === 'inpaintState' && event.id === 'last');
    host.send({ type: 'stop' });
    expect(await host.exited).toMatchObject({ code: 0 });
    expect(await untilEvent(isEndOf('last'))).toMatchObject({ type: 'inpaintingEnded', message: null });
  });
});

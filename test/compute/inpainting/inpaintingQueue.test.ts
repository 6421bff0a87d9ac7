import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { InpaintEvent, InpaintJob, ComputeEvent } from '../../../main/compute/protocol.ts';
import { layoutOf, saveState } from '../../../main/compute/modelCheckpoint.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { initialState, toState } from '../../../main/engine/train/state.ts';
import { forkHost } from '../../../main/jobs/computeHost.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import '../../support/backend.ts';
import { createExampleEstimate, createExampleJob } from './exampleJob.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));

/** Saves the checkpoint of an untrained run in a new folder. */
async function saveRun(input: RunConfigInput) {
  const config = runConfigSchema.parse(input);
  const field = createField(config.field);
  const layout = layoutOf(field, config);
  const state = toState(initialState(field.parameters, layout, 42), layout);
  const progress = { step: 1, processSeconds: 1, loss: null, best: null };
  const runFolder = mkdtempSync(join(folder, 'run-'));
  const { file } = await saveState(runFolder, { state, layout, config, progress });
  return { config, checkpoint: join(runFolder, file) };
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

function send(id: string, changes: Partial<InpaintJob> = {}, saved = run): void {
  host.send({
    type: 'inpaint',
    job: { ...createExampleJob(saved), checkpoint: saved.checkpoint, id, ...changes },
  });
}

async function waitForEvent<Found extends ComputeEvent>(
  isWanted: (event: ComputeEvent) => event is Found,
): Promise<Found> {
  for (;;) {
    const found = events.find(isWanted);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isEndOf =
  (id: string) =>
  (event: ComputeEvent): event is Extract<InpaintEvent, { type: 'inpainted' | 'inpaintingEnded' }> =>
    (event.type === 'inpainted' || event.type === 'inpaintingEnded') && event.id === id;

/** Settings of a long job: a large image in a thousand steps. */
const long = { width: 200, height: 150, steps: 1000 };
const longExample = createExampleJob(run, long);

describe('the process that inpaints', () => {
  it('fills in classically without loading TensorFlow', async () => {
    host.send({ type: 'prepareInpainting', checkpoint: null });
    const job = createExampleEstimate('telea', { ...createExampleJob(run), id: 'classical' });
    host.send({ type: 'estimate', job });
    expect(await waitForEvent(isEndOf('classical'))).toMatchObject({ type: 'inpainted' });
    expect(events.filter(({ type }) => type === 'ready' || type === 'execution')).toEqual([]);
    events.length = 0;
  });

  it('works on one job after the other in the same process', async () => {
    send('first');
    send('second', {}, other);
    send('third');
    expect(await waitForEvent(isEndOf('third'))).toMatchObject({ type: 'inpainted' });
    const ends = events.flatMap((event) => ('id' in event && event.type === 'inpainted' ? [event] : []));
    expect(ends.map(({ id }) => id)).toEqual(['first', 'second', 'third']);
    expect(ends[2].inpainting.result).toEqual(ends[0].inpainting.result);
    expect(ends[1].inpainting.result).not.toEqual(ends[0].inpainting.result);
    expect(events.filter(({ type }) => type === 'ready')).toHaveLength(1);
  });

  it('loads a checkpoint before there is a job, and leaves a failure to the job that needs it', async () => {
    host.send({ type: 'prepareInpainting', checkpoint: join(folder, 'missing') });
    host.send({ type: 'prepareInpainting', checkpoint: run.checkpoint });
    await waitForEvent((event): event is Extract<ComputeEvent, { type: 'ready' }> => event.type === 'ready');
    send('prepared');
    expect(await waitForEvent(isEndOf('prepared'))).toMatchObject({ type: 'inpainted' });
    expect(events.some(({ type }) => type === 'failed')).toBe(false);
  });

  it('ends a running or waiting job without a result when it is cancelled, and continues with the next', async () => {
    send('long', { ...longExample, checkpoint: run.checkpoint, id: 'long' });
    send('waiting');
    send('after');
    await waitForEvent(
      (event): event is ComputeEvent => event.type === 'inpaintState' && event.id === 'long',
    );
    host.send({ type: 'cancel', id: 'waiting' });
    host.send({ type: 'cancel', id: 'long' });
    expect(await waitForEvent(isEndOf('long'))).toMatchObject({ type: 'inpaintingEnded', message: null });
    expect(await waitForEvent(isEndOf('waiting'))).toMatchObject({ type: 'inpaintingEnded', message: null });
    expect(await waitForEvent(isEndOf('after'))).toMatchObject({ type: 'inpainted' });
  });

  it('reports why a job fails, and continues', async () => {
    send('blind', { mask: { width: 23, height: 14, channels: 1, bits: new Uint8Array(23 * 14) } });
    send('gone', { checkpoint: join(folder, 'ckpt-1.safetensors') });
    send('fine');
    const blind = await waitForEvent(isEndOf('blind'));
    expect(blind).toMatchObject({ type: 'inpaintingEnded' });
    expect('message' in blind && blind.message).toContain('No pixel is known');
    const gone = await waitForEvent(isEndOf('gone'));
    expect('message' in gone && gone.message).toContain('ckpt-1.safetensors');
    expect(await waitForEvent(isEndOf('fine'))).toMatchObject({ type: 'inpainted' });
  });

  it('ends with its job when it is stopped', async () => {
    send('last', { ...longExample, checkpoint: run.checkpoint, id: 'last' });
    await waitForEvent(
      (event): event is ComputeEvent => event.type === 'inpaintState' && event.id === 'last',
    );
    host.send({ type: 'stop' });
    expect(await host.exited).toMatchObject({ code: 0 });
    expect(await waitForEvent(isEndOf('last'))).toMatchObject({ type: 'inpaintingEnded', message: null });
  });
});

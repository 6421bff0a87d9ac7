import { describe, expect, it } from 'vitest';
import { chooseOrder, forgetCard, type Machine, type Remembered } from '../../main/compute/fastestBackend.ts';
import { runConfigSchema } from '../../shared/config/config.ts';

const config = runConfigSchema.parse({});
const other = runConfigSchema.parse({ data: { imageSize: 64 } });
const card = { adapter: 'Test card', api: 'Vulkan', version: '4.22.0' };
const processor = { kind: 'tensorflow', device: 'CPU', version: '2.21.0' } as const;
const day = 24 * 60 * 60_000;

/** A machine with a card whose step takes `times.webgpu`, and what it was asked. */
function createMachine(
  times: { webgpu?: number | null; tensorflow?: number | null },
  changes: Partial<Machine> & { now?: () => number } = {},
) {
  const asked: string[] = [];
  let remembered: Remembered = { card: null, steps: {} };
  const machine: Machine = {
    installed: processor,
    processor: 'test processor × 2',
    now: () => 0,
    async findCard() {
      asked.push('card');
      return card;
    },
    async timeStep(kind) {
      asked.push(kind);
      const time = times[kind as keyof typeof times];
      if (time === null || time === undefined) throw new Error('it does not run');
      return time;
    },
    memory: { read: () => remembered, write: (changed) => void (remembered = changed) },
    ...changes,
  };
  return { machine, asked };
}

describe('the choice between a card and the processor', () => {
  it('is the one whose step is faster, and says what was measured if it is not the card', async () => {
    const fast = createMachine({ webgpu: 5, tensorflow: 20 });
    expect(await chooseOrder(config, fast.machine)).toEqual({
      order: ['webgpu', 'tensorflow', 'wasm'],
      reason: null,
    });
    const slow = createMachine({ webgpu: 41.26, tensorflow: 20 });
    expect(await chooseOrder(config, slow.machine)).toEqual({
      order: ['tensorflow', 'webgpu', 'wasm'],
      reason:
        'The card Test card is not used: a step takes 41.3 ms on it and takes 20.0 ms on the processor.',
    });
  });

  it('is measured once for each form of network, and again for another processor', async () => {
    const { machine, asked } = createMachine({ webgpu: 5, tensorflow: 20 });
    await chooseOrder(config, machine);
    await chooseOrder({ ...config, seed: 7 }, machine);
    expect(asked).toEqual(['card', 'webgpu', 'tensorflow']);
    await chooseOrder(other, machine);
    await chooseOrder(config, { ...machine, processor: 'another' });
    expect(asked).toEqual(['card', ...Array<string[]>(3).fill(['webgpu', 'tensorflow']).flat()]);
  });

  it('without a configuration is the newest known one, and the processor if nothing is known', async () => {
    const { machine, asked } = createMachine({ webgpu: 5, tensorflow: 20 });
    expect((await chooseOrder(null, machine)).order[0]).toBe('tensorflow');
    await chooseOrder(config, machine);
    expect((await chooseOrder(null, machine)).order[0]).toBe('webgpu');
    expect(asked).toEqual(['card', 'webgpu', 'tensorflow']);
  });

  it('is the processor if a step fails on the card, and the card if it fails on the processor', async () => {
    const broken = createMachine({ webgpu: null, tensorflow: 20 });
    const { order, reason } = await chooseOrder(config, broken.machine);
    expect([order[0], reason]).toEqual(['tensorflow', expect.stringContaining('a step fails on it')]);
    const lame = createMachine({ webgpu: 50, tensorflow: null });
    expect((await chooseOrder(config, lame.machine)).order[0]).toBe('webgpu');
  });

  it('is never measured with CUDA, without a card, or without native TensorFlow', async () => {
    const cuda = createMachine({}, { installed: { ...processor, device: 'GPU' } });
    expect((await chooseOrder(config, cuda.machine)).order).toEqual(['tensorflow', 'wasm']);
    const bare = createMachine({}, { findCard: async () => ({ none: 'no driver' }) });
    expect((await chooseOrder(config, bare.machine)).order).toEqual(['tensorflow', 'wasm']);
    const light = createMachine({}, { installed: null });
    expect((await chooseOrder(config, light.machine)).order).toEqual(['webgpu', 'tensorflow', 'wasm']);
    expect([cuda, bare, light].map(({ asked }) => asked)).toEqual([[], [], ['card']]);
  });

  it('looks for a card again after a day, or once it is forgotten', async () => {
    let now = 0;
    const { machine, asked } = createMachine({ webgpu: 5, tensorflow: 20 }, { now: () => now });
    await chooseOrder(config, machine);
    now = day - 1;
    await chooseOrder(config, machine);
    expect(asked.filter((what) => what === 'card')).toHaveLength(1);
    now = day;
    await chooseOrder(config, machine);
    forgetCard(machine);
    await chooseOrder(config, machine);
    expect(asked.filter((what) => what === 'card')).toHaveLength(3);
  });
});

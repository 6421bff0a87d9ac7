import { describe, expect, it } from 'vitest';
import { padImage } from '../../../main/engine/inpaint/knownImage.ts';
import { tf } from '../../support/backend.ts';
import { createSmallModel } from '../../compute/smallModel.ts';
import { trainings } from '../train/smallRun.ts';
import { expectClose } from '../field/waves.ts';
import { sampleWith, smallLimits } from './exampleModel.ts';
import { knownSmooth } from './exampleImage.ts';

const names = [
  'notebook',
  'upgraded',
  'unet',
  'bayer',
  'local contrast',
  'local',
  'mixing',
  'transformer',
  'full attention',
] as const;
const models = Object.fromEntries(names.map((name) => [name, createSmallModel(trainings[name])])) as Record<
  (typeof names)[number],
  ReturnType<typeof createSmallModel>
>;

/** Scales the weights by 0.2, so that predictions depend mainly on nearby inputs, as in a trained network. */
function shrinkWeights(model: ReturnType<typeof createSmallModel>): typeof model {
  const parameters = Object.entries(model.parameters).map(([name, tensor]) => [name, tf.mul(tensor, 0.2)]);
  return { ...model, parameters: Object.fromEntries(parameters) };
}

describe('a sample of an image of any size', () => {
  it.each(names)('has the size of the image and stays within [0, 1] with %s', async (name) => {
    for (const [width, height] of [
      [1, 1],
      [1, 7],
      [13, 1],
      [12, 11],
      [23, 17],
    ]) {
      const { values } = await sampleWith(models[name], knownSmooth(width, height));
      expect(values).toHaveLength(width * height * 3);
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it.each(['unet', 'local contrast', 'local', 'mixing'] as const)(
    'is the same in tiles as in one piece with %s',
    async (name) => {
      const image = knownSmooth(150, 131);
      const model = shrinkWeights(models[name]);
      const whole = await sampleWith(model, image);
      const inTiles = await sampleWith(model, image, { limits: smallLimits });
      expect(inTiles.tiles).toBeGreaterThan(3);
      // A tile of a U-Net leaves out whatever is further away than half its receptive field.
      expectClose(inTiles.values, whole.values, ['unet', 'local contrast'].includes(name) ? 0.01 : 1e-5);
      expect(inTiles.values).not.toEqual((await sampleWith(model, image, { seed: 2 })).values);
    },
  );

  it.each(['upgraded', 'transformer', 'unet'] as const)(
    'shows no seams with %s: differences at tile borders are no larger than inside tiles',
    async (name) => {
      const [width, height] = [104, 40];
      const config = { ...trainings[name], data: { imageSize: 32 } };
      const image = knownSmooth(width, height);
      const { values, tiles } = await sampleWith(shrinkWeights(createSmallModel(config)), image, {
        limits: smallLimits,
      });
      expect(tiles).toBeGreaterThan(1);
      const borders = name === 'unet' ? [32, 36, 60, 64, 68, 72] : [24, 32, 48, 56, 72, 80];
      const jumpAt = (x: number) => {
        let sum = 0;
        for (let y = 0; y < height; y++)
          sum += Math.abs(values[(y * width + x) * 3] - values[(y * width + x - 1) * 3]);
        return sum / height;
      };
      const mean = (jumps: readonly number[]) => jumps.reduce((sum, jump) => sum + jump, 0) / jumps.length;
      const everywhere = mean(Array.from({ length: width - 1 }, (_, x) => jumpAt(x + 1)));
      expect(mean(borders.map(jumpAt))).toBeLessThan(1.3 * everywhere);
    },
  );

  it('is determined by its noise: equal seeds give equal images, different seeds different ones', async () => {
    const image = knownSmooth(30, 20);
    const [one, again, other] = [
      await sampleWith(models.unet, image),
      await sampleWith(models.unet, image),
      await sampleWith(models.unet, image, { seed: 2 }),
    ];
    expect(again.values).toEqual(one.values);
    expect(other.values).not.toEqual(one.values);
  });

  it.each([
    { name: 'denoiser', solver: 'ddim' },
    { name: 'score', solver: 'langevin' },
  ] as const)('can be computed in tiles by $solver with $name', async ({ name, solver }) => {
    const model = createSmallModel(trainings[name]);
    const plan = { solver, steps: 2, eta: 1 } as const;
    const { values, times } = await sampleWith(model, knownSmooth(25, 14), { plan });
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(times).toEqual([0, 0.5, 1]);
  });

  it('skips tiles whose pixels are all known and moves these pixels straight to their colours', async () => {
    const image = knownSmooth(66, 22, 1);
    const hole = { ...image, bits: image.bits.map((known, pixel) => (pixel === 70 ? 0 : known)) };
    // The first predicts the data, the second the velocity.
    for (const model of [models.upgraded, models.notebook]) {
      const { values, tiles } = await sampleWith(model, hole, { plan: { solver: 'heun', steps: 3 } });
      expect(tiles).toBeLessThan(5);
      // The last columns are in no tile that is computed.
      const isRight = (position: number) => Math.floor(position / 3) % 66 >= 40;
      const wrong = values.findIndex(
        (value, position) => isRight(position) && Math.abs(value - image.values[position]) > 1e-5,
      );
      expect(wrong).toBe(-1);
    }
    expect((await sampleWith(models.upgraded, image)).tiles).toBe(0);
  });

  it('is finite in tiles without any known pixel', async () => {
    for (const name of names) {
      const { values } = await sampleWith(models[name], knownSmooth(40, 13, 0));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it('surrounds a small image with unknown pixels for a network of a fixed size', () => {
    const padded = padImage(knownSmooth(5, 3, 1), 11);
    expect([padded.width, padded.height]).toEqual([11, 11]);
    expect(padded.bits.reduce((sum, known) => sum + known, 0)).toBe(15);
    expect(padImage(knownSmooth(12, 11), 11)).toMatchObject({ width: 12, height: 11 });
  });

  it.each(['heun', 'ddim', 'ancestral'] as const)(
    'leaks no tensor, even if it is cancelled between tiles: %s',
    async (solver) => {
      const image = knownSmooth(40, 30);
      const plan = { solver, steps: 2 };
      for (const name of names) await sampleWith(models[name], image, { plan });
      const before = tf.memory().numTensors;
      for (const name of names) {
        await sampleWith(models[name], image, { limits: smallLimits, plan });
        let calls = 0;
        const onProgress = async () => {
          calls += 1;
          if (calls === 4) throw new Error('cancelled');
        };
        await expect(
          sampleWith(models[name], image, { onProgress, plan: { solver, steps: 9 } }),
        ).rejects.toThrow('cancelled');
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

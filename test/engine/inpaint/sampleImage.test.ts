import { describe, expect, it } from 'vitest';
import { padImage } from '../../../main/engine/inpaint/knownImage.ts';
import { tf } from '../../support/backend.ts';
import { createSmallModel } from '../../compute/smallModel.ts';
import { trainings } from '../train/smallRun.ts';
import { expectClose } from '../field/waves.ts';
import { sampleWith, smallPower } from './exampleModel.ts';
import { knownSmooth } from './exampleImage.ts';

const names = ['notebook', 'upgraded', 'unet', 'local', 'mixing', 'transformer', 'full attention'] as const;
const models = Object.fromEntries(names.map((name) => [name, createSmallModel(trainings[name])])) as Record<
  (typeof names)[number],
  ReturnType<typeof createSmallModel>
>;

/** With a fifth of the weights: what they compute depends on the inputs nearby, as in a trained network. */
function calm(model: ReturnType<typeof createSmallModel>): typeof model {
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

  it.each(['unet', 'local', 'mixing'] as const)('is the same in tiles as at once with %s', async (name) => {
    const picture = knownSmooth(150, 131);
    const model = calm(models[name]);
    const whole = await sampleWith(model, picture);
    const inTiles = await sampleWith(model, picture, { power: smallPower });
    expect(inTiles.tiles).toBeGreaterThan(3);
    // What lies further away than half the reach of a U-Net is left out.
    expectClose(inTiles.values, whole.values, name === 'unet' ? 0.01 : 1e-5);
    expect(inTiles.values).not.toEqual((await sampleWith(model, picture, { seed: 2 })).values);
  });

  it.each(['upgraded', 'transformer', 'unet'] as const)(
    'shows no seams with %s: where tiles begin and end it jumps no more than within them',
    async (name) => {
      const [width, height] = [104, 40];
      const config = { ...trainings[name], data: { imageSize: 32 } };
      const picture = knownSmooth(width, height);
      const { values, tiles } = await sampleWith(calm(createSmallModel(config)), picture, {
        power: smallPower,
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
    const picture = knownSmooth(30, 20);
    const [one, again, other] = [
      await sampleWith(models.unet, picture),
      await sampleWith(models.unet, picture),
      await sampleWith(models.unet, picture, { seed: 2 }),
    ];
    expect(again.values).toEqual(one.values);
    expect(other.values).not.toEqual(one.values);
  });

  it.each([
    { name: 'denoiser', solver: 'ddim' },
    { name: 'score', solver: 'langevin' },
  ] as const)('follows $solver with $name by tiles', async ({ name, solver }) => {
    const model = createSmallModel(trainings[name]);
    const plan = { solver, steps: 2, eta: 1 } as const;
    const { values, times } = await sampleWith(model, knownSmooth(25, 14), { plan });
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(times).toEqual([0, 0.5, 1]);
  });

  it('does not compute tiles that are known already, and their pixels go straight to their colours', async () => {
    const picture = knownSmooth(66, 22, 1);
    const hole = { ...picture, isKnown: picture.isKnown.map((known, pixel) => (pixel === 70 ? 0 : known)) };
    // One of them predicts data, the other the velocity.
    for (const model of [models.upgraded, models.notebook]) {
      const { values, tiles } = await sampleWith(model, hole, { plan: { solver: 'heun', steps: 3 } });
      expect(tiles).toBeLessThan(5);
      // The last columns lie in no tile that is computed.
      const isRight = (place: number) => Math.floor(place / 3) % 66 >= 40;
      const wrong = values.findIndex(
        (value, place) => isRight(place) && Math.abs(value - picture.values[place]) > 1e-5,
      );
      expect(wrong).toBe(-1);
    }
    expect((await sampleWith(models.upgraded, picture)).tiles).toBe(0);
  });

  it('reads a tile without any known pixel as well', async () => {
    for (const name of names) {
      const { values } = await sampleWith(models[name], knownSmooth(40, 13, 0));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it('surrounds a small image with unknown pixels for a network of a fixed size', () => {
    const padded = padImage(knownSmooth(5, 3, 1), 11);
    expect([padded.width, padded.height]).toEqual([11, 11]);
    expect(padded.isKnown.reduce((sum, known) => sum + known, 0)).toBe(15);
    expect(padImage(knownSmooth(12, 11), 11)).toMatchObject({ width: 12, height: 11 });
  });

  it('leaves no tensor behind, also where it is ended between tiles', async () => {
    const picture = knownSmooth(40, 30);
    for (const name of names) await sampleWith(models[name], picture);
    const before = tf.memory().numTensors;
    for (const name of names) {
      await sampleWith(models[name], picture, { power: smallPower });
      let turns = 0;
      const turn = async () => {
        turns += 1;
        if (turns === 4) throw new Error('enough');
      };
      await expect(
        sampleWith(models[name], picture, { turn, plan: { solver: 'heun', steps: 9 } }),
      ).rejects.toThrow('enough');
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

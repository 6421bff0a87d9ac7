import { expect, it } from 'vitest';
import { tileContext } from '../../../main/engine/inpaint/tileContext.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { trainings } from '../train/smallRun.ts';
import { knownSmooth } from './exampleImage.ts';

it('a tile is given level and contrast of the whole image, at its own pixels', () => {
  const [width, height] = [23, 17];
  const image = knownSmooth(width, height);
  const key = { seed: 1, stream: 'synthetic', step: 0 } as const;
  const surroundings = {
    level: randomUniforms(key, 3 * width * height),
    contrast: randomUniforms({ ...key, step: 1 }, width * height),
  };
  const area = { x: 5, y: 3, width: 8, height: 6 };
  const from = { image, estimate: image.values, isEstimateRead: true, surroundings };
  const config = runConfigSchema.parse(trainings['local contrast']);
  const { level, contrast } = tileContext(config, from, { areas: [area], observed: 0 });
  expect(contrast?.shape).toEqual([1, 48, 1]);
  expect(level?.shape).toEqual([1, 48, 3]);
  for (let pixel = 0; pixel < 48; pixel++) {
    const whole = (area.y + Math.floor(pixel / 8)) * width + area.x + (pixel % 8);
    expect(contrast?.values[pixel]).toBe(surroundings.contrast[whole]);
    expect(level?.values[3 * pixel + 2]).toBe(surroundings.level[3 * whole + 2]);
  }
});

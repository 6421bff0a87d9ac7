import { expect, it } from 'vitest';
import { planTiles } from '../../../main/engine/inpaint/planTiles.ts';
import { createTileReader } from '../../../main/engine/inpaint/readTiles.ts';
import { groupTiles, type TileGroup } from '../../../main/engine/inpaint/tileGroups.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { createSmallModel } from '../../compute/smallModel.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';
import { trainings } from '../train/smallRun.ts';
import { smallPower } from './exampleModel.ts';
import { knownSmooth } from './exampleImage.ts';

it.each([
  { name: 'local', readBlocks: 2, shared: 0 },
  { name: 'mixing', readBlocks: 1, shared: 6 },
  { name: 'mixing', readBlocks: 3, shared: 10 },
] as const)(
  'the reading of $name by tiles that overlap by $shared pixels equals that of the whole image',
  async ({ name, readBlocks, shared }) => {
    const training = trainings[name];
    const model = createSmallModel({ ...training, field: { ...training.field, readBlocks } });
    const picture = knownSmooth(100, 70);
    const estimate = picture.values.map((_, index) => 0.5 + 0.3 * Math.sin(index / 50));
    const state = randomNormals({ seed: 1, stream: 'sampling', step: 0 }, estimate.length);
    const read = async (groups: readonly TileGroup[]) => {
      const reader = createTileReader(model, { image: picture, estimate, isEstimateRead: true }, { groups });
      const at = { state: tf.tensor(state, [1, state.length / 3, 3]), time: 0.5, start: state };
      const found = numbersOf((await reader.answer('velocity', at)).velocity);
      reader.dispose();
      return found;
    };
    const groups = groupTiles(model.config, picture, smallPower);
    const columns = groups.flatMap(({ tiles }) => tiles).filter(({ y }) => y === 0);
    expect(columns.slice(1).map(({ x }, index) => columns[index].x + columns[index].width - x)).toEqual([
      shared,
    ]);
    const whole = { tiles: planTiles(picture, { side: 100, overlap: 0 }), together: 1, observed: 1 };
    expectClose(await read(groups), await read([whole]));
  },
);

import { describe, expect, it } from 'vitest';
import { startFrom } from '../../../main/engine/path/start.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { numbersOf } from '../field/waves.ts';

const noise = tf.tensor3d([1, -2, 0], [1, 1, 3]);
const estimate = tf.tensor3d([0.5, 0.25, 1], [1, 1, 3]);

function startOf(path: RunConfigInput['path'], known: typeof estimate | undefined = estimate): number[] {
  return numbersOf(startFrom(runConfigSchema.parse({ path }).path, { noise, estimate: known }));
}

describe('the start of the path', () => {
  it('is noise of the standard deviation asked for', () => {
    expect(startOf({ startNoise: 0.5 })).toEqual([0.5, -1, 0]);
    expect(startOf({}, undefined)).toEqual([1, -2, 0]);
  });

  it('lies around the classical estimate where the path starts there', () => {
    expect(startOf({ start: 'classical', startNoise: 0.5 })).toEqual([1, -0.75, 1]);
  });
});

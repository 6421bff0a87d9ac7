import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { gridContext } from './gridContext.ts';
import { initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave, waveParameters } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

const { context, point } = gridContext(4, 4);
const whole: Context = { ...context, neighbours: wave('neighbours', [2, 16, 3, 5]) };

function predict(config: FieldConfig, parameters: NamedTensors, at: PathPoint) {
  const field = createField(config);
  return numbersOf(field.predict(parameters, field.encode(parameters, whole, noDropout), at, noDropout));
}

describe.each([
  { kind: 'perceiver' },
  { kind: 'perceiver', timeConditioning: 'adaptive', readBlocks: 1, queryCarriesState: true },
  { kind: 'unet', levels: 2 },
  { kind: 'local', readBlocks: 1 },
  { kind: 'local', readBlocks: 1, mixing: 3 },
  { kind: 'transformer', readBlocks: 1 },
] as const)('a network that is conditioned on step sizes ($kind, $timeConditioning)', (choice) => {
  const plain = smallField({ ...choice, residual: 'thin-plate' });
  const config = { ...plain, stepConditioning: true };
  const steps = (...sizes: number[]) => ({ ...point, step: tf.tensor1d(sizes) });

  it('begins with the weights of one that is not, and four more', () => {
    const [with_, without] = [config, plain].map((of) => initialTensors(createField(of).parameters));
    const more = Object.keys(with_).filter((name) => !(name in without));
    expect(more).toEqual(['step_in.weight', 'step_in.bias', 'step_out.weight', 'step_out.bias']);
    for (const [name, tensor] of Object.entries(without)) expectClose(with_[name], tensor, 0);
  });

  it('is the same network bit for bit for steps of 0, however it is trained', () => {
    const parameters = waveParameters(createField(config).parameters);
    const expected = predict(plain, parameters, point);
    expect(predict(config, parameters, steps(0, 0))).toEqual(expected);
    expect(predict(config, parameters, point)).toEqual(expected);
  });

  it('makes no difference of steps before it is trained, and then of every size another', () => {
    const { parameters: specs } = createField(config);
    const expected = predict(plain, initialTensors(specs), point);
    expect(predict(config, initialTensors(specs), steps(1, 0.5))).toEqual(expected);
    const trained = waveParameters(specs);
    const [whole, half, none] = [1, 0.5, 0].map((size) => predict(config, trained, steps(size, size)));
    for (const other of [half, none]) expect(other).not.toEqual(whole);
  });
});

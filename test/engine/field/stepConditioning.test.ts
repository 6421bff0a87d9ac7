import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { createGridContext, initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave, waveParameters } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

const { context, point } = createGridContext(4, 4);
const fullContext: Context = { ...context, neighbours: wave('neighbours', [2, 16, 3, 5]) };

function predict(config: FieldConfig, parameters: NamedTensors, at: PathPoint) {
  const field = createField(config);
  return numbersOf(
    field.predict(parameters, field.encode(parameters, fullContext, noDropout), at, noDropout),
  );
}

describe.each([
  { kind: 'perceiver' },
  { kind: 'perceiver', timeConditioning: 'adaptive', readBlocks: 1, queryCarriesState: true },
  { kind: 'unet', levels: 2 },
  { kind: 'local', readBlocks: 1 },
  { kind: 'local', readBlocks: 1, mixing: 3 },
  { kind: 'transformer', readBlocks: 1 },
] as const)('a network conditioned on the step size ($kind, $timeConditioning)', (choice) => {
  const plain = smallField({ ...choice, residual: 'thin-plate' });
  const config = { ...plain, stepConditioning: true };
  const pointWithSteps = (...sizes: number[]) => ({ ...point, step: tf.tensor1d(sizes) });

  it('starts with the weights of the unconditioned network and four more tensors', () => {
    const conditioned = initialTensors(createField(config).parameters);
    const unconditioned = initialTensors(createField(plain).parameters);
    const more = Object.keys(conditioned).filter((name) => !(name in unconditioned));
    expect(more).toEqual(['step_in.weight', 'step_in.bias', 'step_out.weight', 'step_out.bias']);
    for (const [name, tensor] of Object.entries(unconditioned)) expectClose(conditioned[name], tensor, 0);
  });

  it('agrees bit for bit with the unconditioned network for steps of 0, whatever its weights', () => {
    const parameters = waveParameters(createField(config).parameters);
    const expected = predict(plain, parameters, point);
    expect(predict(config, parameters, pointWithSteps(0, 0))).toEqual(expected);
    expect(predict(config, parameters, point)).toEqual(expected);
  });

  it('ignores the step size before training and distinguishes all sizes afterwards', () => {
    const { parameters: specs } = createField(config);
    const expected = predict(plain, initialTensors(specs), point);
    expect(predict(config, initialTensors(specs), pointWithSteps(1, 0.5))).toEqual(expected);
    const trained = waveParameters(specs);
    const [whole, half, none] = [1, 0.5, 0].map((size) =>
      predict(config, trained, pointWithSteps(size, size)),
    );
    for (const other of [half, none]) expect(other).not.toEqual(whole);
  });
});

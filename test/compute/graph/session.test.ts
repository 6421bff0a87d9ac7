import { expect, it } from 'vitest';
import { placeholderOf } from '../../../main/compute/graph/graphDef.ts';
import { openSession } from '../../../main/compute/graph/session.ts';
import { traceFunction } from '../../../main/compute/graph/trace.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend } from './nativeBinding.ts';

/** TensorFlow takes over the memory of arrays that begin at a multiple of 64 bytes: of many, some do. */
const arrays = 64;
const length = 1024;

describeNative('the variables of a session', () => {
  it('keep their values when the arrays they were set from are written over', () => {
    const backend = nativeBackend();
    const sources = Array.from({ length: arrays }, (_, index) => new Float32Array(length).fill(index));
    const values = sources.map((source) => tf.tensor1d(source));
    const one = tf.scalar(1);
    const session = openSession(backend, {
      trace: traceFunction(backend, [...values, one], () => tf.tidy(() => [tf.add(values[0], one)])),
      variables: values.map(({ shape }) => shape),
      placeholders: [placeholderOf(one)],
      updated: 0,
    });
    session.setVariables(values);
    sources.forEach((source) => source.fill(-1));
    const found = session.readVariables();
    expect(found.map((tensor) => tensor.dataSync()[length - 1])).toEqual(sources.map((_, index) => index));
    session.close();
    tf.dispose([...values, ...found, one]);
  });
});

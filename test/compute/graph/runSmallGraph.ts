/** Runs one compiled function; started as a program of its own by a test that reads what TensorFlow logs. */

import { loadBackend } from '../../../main/compute/backend.ts';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { findNativeBackend } from '../../../main/compute/graph/nativeBackend.ts';

const { tf } = await loadBackend({ prefer: 'tensorflow' });
const backend = findNativeBackend();
if (!backend) throw new Error('Native TensorFlow is not loaded.');
const onEager = (name: string, reason: string) => {
  throw new Error(`${name} is not compiled: ${reason}`);
};
createCompiledFunctions(backend, { parts: 1, onEager }).run('affine', {
  parameters: { weights: tf.ones([4, 4]), bias: tf.ones([4]) },
  inputs: { values: tf.ones([2, 4]) },
  work: ({ weights, bias }, { values }) => ({ result: tf.relu(tf.add(tf.matMul(values, weights), bias)) }),
  isByRows: false,
});

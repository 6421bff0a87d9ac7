/**
 * The gradients of convolutions on the WASM backend, which has none of its own: for strides of 1 they are sums, over the
 * offsets of the kernel, of products with the shifted image. Native TensorFlow has kernels for them.
 */

import type * as tfjs from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { chooseAnotherBackend } from '../../../shared/run.ts';
import { isPackaged } from '../installation.ts';

type TensorFlow = typeof tfjs;
/** Computes a gradient from two images, or from an image and a kernel; `shape` is that of the kernel. */
type Gradient = (tf: TensorFlow, inputs: Record<'x' | 'dy' | 'filter', Tensor4D>, shape: number[]) => Tensor;

const gradients: Readonly<Record<string, Gradient>> = {
  Conv2DBackpropFilter: (tf, { x, dy }, shape) => {
    const rows = (image: Tensor4D) => tf.reshape(image, [-1, image.shape[3]]);
    const offsets = shiftedImages(tf, x, shape).map((shifted) =>
      tf.matMul(rows(shifted), rows(dy), true, false),
    );
    return tf.reshape(tf.stack(offsets), shape); // [side² of inputs × outputs] → [side, side, inputs, outputs]
  },
  DepthwiseConv2dNativeBackpropFilter: (tf, { x, dy }, shape) => {
    const offsets = shiftedImages(tf, x, shape).map((shifted) => tf.sum(tf.mul(shifted, dy), [0, 1, 2]));
    return tf.reshape(tf.stack(offsets), shape);
  },
  DepthwiseConv2dNativeBackpropInput: (tf, { dy, filter }) =>
    tf.depthwiseConv2d(dy, tf.reverse(filter, [0, 1]), 1, 'same'),
};

/** Registers the gradients for the WASM backend: stride 1, padding `same`, odd kernel sides, one depthwise kernel per channel. */
export function registerConvolutionGradients(tf: TensorFlow): void {
  for (const [kernelName, gradient] of Object.entries(gradients)) {
    const kernelFunc: KernelFunc = ({ inputs, attrs }) => {
      const { filterShape, ...options } = attrs as NamedAttrMap & { filterShape?: number[] };
      const given = inputs as NamedTensorInfoMap & Record<'x' | 'dy' | 'filter', Tensor4D>;
      const shape = filterShape ?? given.filter.shape;
      assertSupported(kernelName, options, shape);
      return tf.tidy(() => gradient(tf, given, shape));
    };
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  }
}

/** Returns the image [B, H, W, C] shifted by each offset of the kernel, with zeros outside. */
function shiftedImages(tf: TensorFlow, x: Tensor4D, [rows, columns]: readonly number[]): Tensor4D[] {
  const top = (rows - 1) / 2;
  const left = (columns - 1) / 2;
  const padded = tf.pad(x, [
    [0, 0],
    [top, top],
    [left, left],
    [0, 0],
  ]);
  return Array.from({ length: rows * columns }, (_, offset) =>
    tf.slice(padded, [0, Math.floor(offset / columns), offset % columns, 0], x.shape),
  );
}

function assertSupported(kernelName: string, options: NamedAttrMap, shape: readonly number[]): void {
  const { strides, pad } = options;
  const isOfStrideOne = [strides].flat().every((stride) => stride === 1);
  const hasOddSides = shape.slice(0, 2).every((side) => side % 2 === 1);
  const isOneEach = !kernelName.startsWith('Depthwise') || shape[3] === 1;
  if (isOfStrideOne && pad === 'same' && hasOddSides && isOneEach) return;
  throw new Error(
    `${kernelName} on WASM: a kernel of ${shape.join('×')} with strides ${String(strides)} and padding ${String(pad)} found; ` +
      `strides of 1, padding "same" and odd sides expected. ${isPackaged() ? chooseAnotherBackend : 'Install native TensorFlow: npm run setup'}`,
  );
}

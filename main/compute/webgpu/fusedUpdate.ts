/**
 * The update of all weights on a card in three kernels: the norm of the gradients, clipping, then weight decay, Adam and the
 * EMAs of the weights, over packed state that stays on the card. The formulas are those of engine/optim.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { AdamOptions } from '../../engine/optim/adamw.ts';

/** Threads of a workgroup; every card has at least as many. */
const workgroup = 128;
/** Workgroups whose sums of squares are added up by the second kernel, in a fixed order. */
const sums = 64;
/** Bytes of a float32. */
const floatBytes = 4;
/** Numbers in the buffer of scalars before the decays of the averages: step size, second correction, kept fraction. */
const fixedScalars = 3;

export interface UpdateOptions extends AdamOptions {
  /** Number of weights; the first `decayed` of them decay. */
  readonly count: number;
  readonly decayed: number;
  readonly averages: number;
  readonly clipNorm: number;
}

/** The numbers of one update. */
export interface UpdateNumbers {
  readonly stepSize: number;
  readonly secondCorrection: number;
  /** 1 without weight decay. */
  readonly weightsKept: number;
  readonly averageDecays: readonly number[];
}

/** The packed state: `count` numbers each, the averages one after the other. */
export interface PackedState {
  readonly values: GPUBuffer;
  readonly firsts: GPUBuffer;
  readonly seconds: GPUBuffer;
  readonly averages: GPUBuffer;
  readonly gradients: GPUBuffer;
  /** The norm of the gradients before clipping, and the factor that they are multiplied by. */
  readonly norm: GPUBuffer;
}

export interface FusedUpdate {
  readonly state: PackedState;
  /** Records the update of the gradients in `state`; the caller submits it. */
  encode(encoder: GPUCommandEncoder, numbers: UpdateNumbers): void;
  dispose(): void;
}

/** Creates the buffers and kernels of a run's updates. */
export function createFusedUpdate({ device }: WebGPUBackend, options: UpdateOptions): FusedUpdate {
  const { count, averages } = options;
  const storage = (length: number, name: string) =>
    device.createBuffer({
      label: name,
      // A buffer must not be empty.
      size: Math.max(1, length) * floatBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
  const state: PackedState = {
    values: storage(count, 'weights'),
    firsts: storage(count, 'first moments'),
    seconds: storage(count, 'second moments'),
    averages: storage(count * averages, 'averages'),
    gradients: storage(count, 'gradients'),
    norm: storage(2, 'norm'),
  };
  const partial = storage(sums, 'sums of squares');
  const scalars = storage(fixedScalars + averages, 'scalars');
  const kernel = (code: string, buffers: readonly GPUBuffer[]) => {
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const bindGroup = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    return { pipeline, bindGroup };
  };
  const steps = [
    { ...kernel(sumSquares(count), [state.gradients, partial]), groups: [sums, 1] },
    { ...kernel(findFactor(options), [partial, state.norm]), groups: [1, 1] },
    {
      ...kernel(updateWeights(options), [
        state.gradients,
        state.values,
        state.firsts,
        state.seconds,
        ...(averages > 0 ? [state.averages] : []),
        state.norm,
        scalars,
      ]),
      groups: gridOf(Math.ceil(count / workgroup)),
    },
  ];
  return {
    state,
    encode(encoder, { stepSize, secondCorrection, weightsKept, averageDecays }) {
      const numbers = Float32Array.of(stepSize, secondCorrection, weightsKept, ...averageDecays);
      device.queue.writeBuffer(scalars, 0, numbers);
      const pass = encoder.beginComputePass();
      for (const { pipeline, bindGroup, groups } of steps) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(groups[0], groups[1]);
      }
      pass.end();
    },
    dispose: () =>
      [...Object.values(state), partial, scalars].forEach((buffer: GPUBuffer) => buffer.destroy()),
  };
}

/** Workgroups along one axis that every card allows. */
const mostGroups = 65_535;

function gridOf(groups: number): [number, number] {
  const rows = Math.ceil(groups / mostGroups);
  return [Math.ceil(groups / rows), rows];
}

/** Thread sums of squares, then a tree over the workgroup: always in the same order. */
const sumSquares = (count: number) => `
  @group(0) @binding(0) var<storage, read> gradients: array<f32>;
  @group(0) @binding(1) var<storage, read_write> partial: array<f32>;
  var<workgroup> shared_: array<f32, ${workgroup}>;

  @compute @workgroup_size(${workgroup})
  fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    var sum = 0.0;
    for (var index = group.x * ${workgroup}u + thread; index < ${count}u; index += ${sums * workgroup}u) {
      sum += gradients[index] * gradients[index];
    }
    shared_[thread] = sum;
    ${addUp('shared_', workgroup)}
    if (thread == 0u) { partial[group.x] = shared_[0]; }
  }
`;

const findFactor = ({ clipNorm }: UpdateOptions) => `
  @group(0) @binding(0) var<storage, read> partial: array<f32>;
  @group(0) @binding(1) var<storage, read_write> norm: array<f32>;
  var<workgroup> shared_: array<f32, ${sums}>;

  @compute @workgroup_size(${sums})
  fn main(@builtin(local_invocation_index) thread: u32) {
    shared_[thread] = partial[thread];
    ${addUp('shared_', sums)}
    if (thread == 0u) {
      let found = sqrt(shared_[0]);
      norm[0] = found;
      norm[1] = min(${floatText(clipNorm)} / (found + 1e-6), 1.0);
    }
  }
`;

function addUp(name: string, length: number): string {
  return `
    for (var half = ${length / 2}u; half > 0u; half = half / 2u) {
      workgroupBarrier();
      if (thread < half) { ${name}[thread] += ${name}[thread + half]; }
    }
  `;
}

const updateWeights = ({ count, decayed, averages, beta1, beta2, epsilon }: UpdateOptions) => `
  @group(0) @binding(0) var<storage, read> gradients: array<f32>;
  @group(0) @binding(1) var<storage, read_write> values: array<f32>;
  @group(0) @binding(2) var<storage, read_write> firsts: array<f32>;
  @group(0) @binding(3) var<storage, read_write> seconds: array<f32>;
  ${averages > 0 ? '@group(0) @binding(4) var<storage, read_write> averages: array<f32>;' : ''}
  @group(0) @binding(${averages > 0 ? 5 : 4}) var<storage, read> norm: array<f32>;
  @group(0) @binding(${averages > 0 ? 6 : 5}) var<storage, read> scalars: array<f32>;

  @compute @workgroup_size(${workgroup})
  fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) thread: u32) {
    let index = (group.y * groups.x + group.x) * ${workgroup}u + thread;
    if (index >= ${count}u) { return; }
    let gradient = gradients[index] * norm[1];
    var value = values[index];
    if (index < ${decayed}u) { value = value * scalars[2]; }
    let first = firsts[index] * ${floatText(beta1)} + gradient * ${floatText(1 - beta1)};
    let second = seconds[index] * ${floatText(beta2)} + gradient * gradient * ${floatText(1 - beta2)};
    let quotient = first / (sqrt(second) + scalars[1] * ${floatText(epsilon)});
    value = value - quotient * (scalars[0] * scalars[1]);
    values[index] = value;
    firsts[index] = first;
    seconds[index] = second;
    for (var number = 0u; number < ${averages}u; number++) {
      ${averages > 0 ? averageStep(count) : ''}
    }
  }
`;

const averageStep = (count: number) => `
      let place = number * ${count}u + index;
      averages[place] = value + (averages[place] - value) * scalars[${fixedScalars}u + number];
`;

/** A number as WGSL reads it: always with a point or an exponent. */
function floatText(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

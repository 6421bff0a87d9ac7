/** A multilayer perceptron on typed arrays with its gradient and Adam: small enough to be trained in the page. */

import { randomNormals } from '../../../shared/numbers/random.ts';

/** x, y, t and two waves of t. */
const inputs = 7;
const outputs = 2;

/** Adam: Kingma and Ba 2015, algorithm 1. */
const decayOfMean = 0.9;
const decayOfSquare = 0.999;
const smallest = 1e-8;

interface Layer {
  readonly from: number;
  readonly to: number;
  /** Where its weights [from, to] and biases [to] begin in the parameters. */
  readonly weights: number;
  readonly biases: number;
}

/** Predicts two numbers from a place in the plane and a time in [0, 1]. */
export class ToyNetwork {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly #layers: readonly Layer[];
  readonly #mean: Float32Array;
  readonly #square: Float32Array;
  #updates = 0;
  /** Inputs of each layer and what it adds up to, [B, width], of the last `predict`. */
  #values: { readonly inputs: Float32Array; readonly sums: Float32Array }[] = [];

  /** @param width Units of each of the two hidden layers. */
  constructor(seed: number, width = 48) {
    const widths = [inputs, width, width, outputs];
    let place = 0;
    this.#layers = widths.slice(1).map((to, index) => {
      const from = widths[index];
      const layer = { from, to, weights: place, biases: place + from * to };
      place += from * to + to;
      return layer;
    });
    this.parameters = new Float32Array(place);
    this.gradient = new Float32Array(place);
    this.#mean = new Float32Array(place);
    this.#square = new Float32Array(place);
    this.#layers.forEach(({ from, to, weights }, index) => {
      const numbers = randomNormals({ seed, stream: 'initialisation', step: index }, from * to);
      // The last layer begins at zero: an untrained network predicts nothing.
      const scale = index === this.#layers.length - 1 ? 0 : Math.sqrt(1 / from);
      this.parameters.set(
        numbers.map((number) => number * scale),
        weights,
      );
    });
  }

  /** Returns predictions [B, 2] at states [B, 2] and times [B]; `gradientOf` continues from the last call. */
  predict(states: Float32Array, times: Float32Array): Float32Array {
    const batch = times.length;
    let values = embed(states, times);
    this.#values = this.#layers.map((layer, index) => {
      const sums = this.#multiply(layer, values, batch);
      const record = { inputs: values, sums };
      if (index < this.#layers.length - 1) values = sums.map((sum) => sum / (1 + Math.exp(-sum)));
      return record;
    });
    return this.#values[this.#values.length - 1].sums;
  }

  /** Writes the gradient of a loss into `gradient`, given its derivative [B, 2] by the last predictions. */
  propagate(derivative: Float32Array): void {
    this.gradient.fill(0);
    let incoming = derivative;
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const layer = this.#layers[index];
      const passed = this.#propagateLayer(layer, this.#values[index].inputs, incoming);
      if (index === 0) return;
      const { sums } = this.#values[index - 1];
      for (let at = 0; at < passed.length; at++) {
        const gate = 1 / (1 + Math.exp(-sums[at]));
        passed[at] *= gate * (1 + sums[at] * (1 - gate));
      }
      incoming = passed;
    }
  }

  /** Moves the parameters by one step of Adam against `gradient`. */
  update(learningRate: number): void {
    this.#updates += 1;
    const meanScale = 1 / (1 - decayOfMean ** this.#updates);
    const squareScale = 1 / (1 - decayOfSquare ** this.#updates);
    for (let at = 0; at < this.parameters.length; at++) {
      const slope = this.gradient[at];
      this.#mean[at] += (1 - decayOfMean) * (slope - this.#mean[at]);
      this.#square[at] += (1 - decayOfSquare) * (slope * slope - this.#square[at]);
      const root = Math.sqrt(this.#square[at] * squareScale) + smallest;
      this.parameters[at] -= (learningRate * this.#mean[at] * meanScale) / root;
    }
  }

  #multiply({ from, to, weights, biases }: Layer, values: Float32Array, batch: number): Float32Array {
    const { parameters } = this;
    const sums = new Float32Array(batch * to);
    for (let row = 0; row < batch; row++) {
      const out = row * to;
      for (let unit = 0; unit < to; unit++) sums[out + unit] = parameters[biases + unit];
      for (let input = 0; input < from; input++) {
        const value = values[row * from + input];
        const first = weights + input * to;
        for (let unit = 0; unit < to; unit++) sums[out + unit] += value * parameters[first + unit];
      }
    }
    return sums;
  }

  /** Adds the layer's part of the gradient; returns the derivative by its inputs, [B, from]. */
  #propagateLayer(
    { from, to, weights, biases }: Layer,
    values: Float32Array,
    incoming: Float32Array,
  ): Float32Array {
    const { parameters, gradient } = this;
    const batch = incoming.length / to;
    const passed = new Float32Array(batch * from);
    for (let row = 0; row < batch; row++) {
      const out = row * to;
      for (let unit = 0; unit < to; unit++) gradient[biases + unit] += incoming[out + unit];
      for (let input = 0; input < from; input++) {
        const value = values[row * from + input];
        const first = weights + input * to;
        let sum = 0;
        for (let unit = 0; unit < to; unit++) {
          const slope = incoming[out + unit];
          gradient[first + unit] += value * slope;
          sum += parameters[first + unit] * slope;
        }
        passed[row * from + input] = sum;
      }
    }
    return passed;
  }
}

function embed(states: Float32Array, times: Float32Array): Float32Array {
  const embedded = new Float32Array(times.length * inputs);
  times.forEach((time, row) => {
    const angle = Math.PI * time;
    embedded.set(
      [
        states[2 * row],
        states[2 * row + 1],
        time,
        Math.sin(angle),
        Math.cos(angle),
        Math.sin(2 * angle),
        Math.cos(2 * angle),
      ],
      row * inputs,
    );
  });
  return embedded;
}

/** Samples a picture of any size from a trained field: one noise over the whole picture, one solver, a field read by tiles. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { fieldTraits } from '../../../shared/config/fieldTraits.ts';
import { startFrom } from '../path/start.ts';
import { findRoute } from '../solver/route.ts';
import type { SamplingPlan } from '../solver/sampleField.ts';
import { solveInTurns } from '../solver/solveInTurns.ts';
import { needsEstimate } from '../train/trainingBatch.ts';
import { cutRows, extendValues, type KnownPicture, padPicture } from './knownPicture.ts';
import type { FieldModel } from './encodeTiles.ts';
import { createTileReader, type TileReader } from './readTiles.ts';
import type { EstimatedPicture } from './tileContext.ts';
import { groupTiles, type TilePower } from './tileGroups.ts';

/** A state on the way, height × width × 3 values, unclamped; valid during the call. */
export interface PictureStep {
  readonly index: number;
  /** null where the solver finds its steps on the way. */
  readonly count: number | null;
  readonly time: number;
  readonly values: () => Float32Array;
}

export interface PictureSamplerOptions {
  readonly picture: KnownPicture;
  /** Thin plates, height × width × 3. */
  readonly estimate: Float32Array;
  readonly plan: SamplingPlan;
  readonly power: TilePower;
  /** Called before some tiles are computed, `done` of `total` in this evaluation; what it throws ends the sampling. */
  readonly turn?: (done: number, total: number) => Promise<void>;
}

/** Standard normal numbers of one sample, `count` at a time. */
export interface SampleNoise {
  start(count: number): Float32Array;
  /** The solver's draws are numbered from 0. */
  draw(number: number, count: number): Float32Array;
}

export interface PictureSampler {
  /** Tiles the picture is computed in. */
  readonly tiles: number;
  /** Multiplications of one evaluation are those of so many pixels of tiles. */
  readonly tilePixels: number;
  /** height × width × 3 values, clamped to [0, 1], nothing pasted; the observer hears the start as step 0. */
  sample(noise: SampleNoise, onStep?: (step: PictureStep) => void): Promise<Float32Array>;
  /** Evaluations of the field so far. */
  evaluations(): number;
  dispose(): void;
}

/** Pictures smaller than what a network is tied to are sampled within unknown pixels. */
export function createPictureSampler(model: FieldModel, options: PictureSamplerOptions): PictureSampler {
  const { config } = model;
  const size = { width: options.picture.width, height: options.picture.height };
  const picture = padPicture(
    options.picture,
    fieldTraits[config.field.kind].readsList ? config.data.imageSize : 1,
  );
  const estimate = extendValues(options.estimate, size, picture);
  const groups = groupTiles(config, picture, options.power);
  const from = { picture, estimate, isEstimateRead: needsEstimate(config) };
  const reader = createTileReader(model, from, { groups, turn: options.turn });
  const tiles = groups.flatMap((group) => group.tiles);
  return {
    tiles: tiles.length,
    tilePixels: tiles.reduce((sum, { width, height }) => sum + width * height, 0),
    async sample(noise, onStep) {
      const cut = (values: Float32Array) =>
        cutRows(values, { width: picture.width, channels: 3 }, { x: 0, y: 0, ...size });
      const sampled = await sampleWhole({ config, from, reader, plan: options.plan }, noise, (step) =>
        onStep?.({ ...step, values: () => cut(step.values()) }),
      );
      return cut(sampled).map((value) => Math.min(1, Math.max(0, value)));
    },
    evaluations: reader.evaluations,
    dispose: reader.dispose,
  };
}

async function sampleWhole(
  by: { config: RunConfig; from: EstimatedPicture; reader: TileReader; plan: SamplingPlan },
  noise: SampleNoise,
  onStep: (step: PictureStep) => void,
): Promise<Float32Array> {
  const { config, from, reader, plan } = by;
  const count = from.picture.values.length;
  const toTensor = (values: Float32Array) => tf.tensor(values, [1, count / 3, 3], 'float32');
  const context = from.isEstimateRead ? { estimate: toTensor(from.estimate) } : {};
  const started = tf.tidy(() =>
    startFrom(config.path, { noise: toTensor(noise.start(count)), estimate: context.estimate }),
  );
  try {
    const start = (await started.data()) as Float32Array;
    onStep({ index: 0, count: null, time: 0, values: () => start });
    const drawNoise = (number: number) => toTensor(noise.draw(number, count));
    const sampled = await solveInTurns(findRoute(config.path, plan), {
      problem: { path: config.path, context, start: started, drawNoise },
      answer: (question, at) => reader.answer(question, { ...at, start }),
      onStep: (step) => onStep({ ...step, values: () => step.state.dataSync() as Float32Array }),
    });
    const values = sampled.dataSync() as Float32Array;
    sampled.dispose();
    return values;
  } finally {
    tf.dispose([started, ...Object.values(context)]);
  }
}

/** What a network declares about itself: its schema, its traits, its cost and how large images are divided for it. */

import { z } from 'zod';
import { about, choice, count, flag, natural } from '../configLeaf.ts';

/** Traits of a network, shown where one is chosen. */
export interface FieldTraits {
  readonly title: string;
  /**
   * `points`: any pixels can be queried. `grid`: always all of them, row by row, and `mask.targetRatio` has no influence.
   * For the layout of a given configuration use `queriesOf`.
   */
  readonly queries: 'points' | 'grid';
  /** The parameter by which queries depend on one another, which then form the whole grid; null: they never do. */
  readonly mixesBy: string | null;
  /** Whether it reads the observed pixels as a list, which must be equally long for all images of a batch. */
  readonly readsList: boolean;
  /** What it reads around a query besides coordinates, colours and the estimate; each is a parameter of that name. */
  readonly reads: readonly ('patch' | 'neighbours')[];
  /** Whether it uses offsets instead of positions, so that images of another size are reconstructed as well as those of training. */
  readonly isResolutionFree: boolean;
  /** Whether it accepts any fraction of observed pixels, including fractions it was not trained on. */
  readonly takesAnyKeepRatio: boolean;
  /** How the cost of one evaluation of an image grows, as text. */
  readonly cost: string;
  readonly description: string;
}

/** Points of one example. */
export interface Points {
  readonly observed: number;
  readonly queries: number;
}

/** Size and cost of a network for one example. */
export interface NetworkCount {
  /** Trainable numbers. */
  readonly parameters: number;
  /** Fixed numbers that a checkpoint holds. */
  readonly buffers: number;
  /** Multiplications of the forward pass, in matrix products and convolutions only. */
  readonly products: number;
  /** Numbers that the forward pass keeps for the backward pass, estimated: inputs of products, norms and nonlinearities. */
  readonly kept: number;
}

/** How an image is divided into overlapping tiles; lengths in pixels. */
export interface Tiling {
  /** Longest side of a tile. */
  readonly side: number;
  /** Tiles may be smaller, down to this longest side, where the whole image then costs less; default `side`. */
  readonly smallestSide?: number;
  /** Smallest overlap of neighbouring tiles. */
  readonly overlap: number;
  /** Tiles begin at multiples of this; default 1. */
  readonly multiple?: number;
  /** Width of the inner border of a tile that gets weight 0, as far as the overlap has room; default 0. */
  readonly margin?: number;
}

/** Everything about one kind of network except its computation; `Config` is `field` of a configuration that names it. */
export interface Network<Config> {
  readonly schema: z.ZodType<Config>;
  readonly traits: FieldTraits;
  /** Counts the network for one example; `side` is the side of the image in pixels. */
  count(field: Config, points: Points, side: number): NetworkCount;
  /** Returns the tiling of a large image for a network trained at `imageSize`; an evaluation of a tile should take at most `products`. */
  planTiling(field: Config, options: { imageSize: number; products: number }): Tiling;
}

/** Pixels over which the weight passes from one tile to the next. */
export const shortestRamp = 4;

/** Returns the tiling for networks that know positions: tiles of the size they were trained at. */
export function trainedTiling(imageSize: number): Tiling {
  return { side: imageSize, overlap: Math.floor(imageSize / 4) };
}

/** The name of a network, by which a configuration chooses it, and its title. */
export const networkName = <Name extends string>(name: Name, title: string) =>
  z.literal(name).meta({
    title: 'Network',
    titles: { [name]: title },
    ...about(
      'What computes the prediction. U-Net and local network fill in images of any size, Perceiver and transformer those of the size they were trained at.',
      'U-Net',
      'Ronneberger et al. 2015 (U-Net); Jaegle et al. 2021 (Perceiver); Zhao et al. 2021 (local); Vaswani et al. 2017 (transformer)',
    ),
  });

/** Parameters of every network. */
export const commonShape = {
  dim: z
    .int()
    .min(8)
    .default(512)
    .meta({
      title: 'Width',
      ...about(
        'Width of the hidden layers; parameters and time grow with its square.',
        '32 to 64 for a U-Net, 64 to 512 for the other networks',
      ),
    }),
  blocks: count(
    'Blocks',
    6,
    about('Blocks in each resolution of a U-Net, or of the context in the other networks.', '1 to 6'),
  ),
  stepConditioning: flag(
    'Step conditioning',
    false,
    about(
      'The network is given the size of a solver’s step as well as the time, as shortcuts need.',
      'off; on with a fraction of shortcuts above 0',
      'Frans et al. 2024',
    ),
  ),
  residual: choice(
    'Predict the difference to',
    { none: 'Nothing', 'thin-plate': 'Classical estimate' },
    'none',
    about(
      'The network adds to the classical estimate what is missing; nothing: it predicts the image itself.',
      'classical estimate',
    ),
  ),
};

/** Half of a time vector are sines, half are cosines. */
export const evenWidth = z.refine<{ dim: number }>(({ dim }) => dim % 2 === 0, {
  message: 'dim must be even',
  path: ['dim'],
});

/** Parameters of networks with attention. */
export const attentionShape = {
  heads: count(
    'Heads',
    8,
    about('Heads of the attention, among which the width is divided.', '4 to 8', 'Vaswani et al. 2017'),
  ),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .meta({
      title: 'Dropout',
      ...about(
        'Fraction of activations that training sets to zero, against overfitting.',
        '0, or 0.1 for few images',
        'Srivastava et al. 2014',
      ),
    }),
  readBlocks: natural(
    'Read-out blocks',
    0,
    about('Residual blocks that read the context; 0: one plain cross-attention.', '2 or 3'),
  ),
};

/** The width is divided among the heads. */
export const wholeHeads = z.refine<{ dim: number; heads: number }>(({ dim, heads }) => dim % heads === 0, {
  message: 'dim must be a multiple of heads',
  path: ['heads'],
});

/** Parameters of networks that know positions. */
export const positionShape = {
  fourierFeatures: count(
    'Fourier frequencies',
    256,
    about('Frequencies of sine and cosine that describe a position.', '32 to 256', 'Tancik et al. 2020'),
  ),
  fourierScale: z
    .number()
    .positive()
    .default(10)
    .meta({
      title: 'Fourier scale',
      ...about(
        'Standard deviation of the Fourier frequencies; larger: positions are described more finely.',
        '3 to 10',
        'Tancik et al. 2020',
      ),
    }),
  patch: natural(
    'Patch of the estimate',
    0,
    about('Side of the patch of the classical estimate that a query sees; 0: none.', '7'),
    'pixels',
  ),
};

/** A patch has its query in the middle, and is cut out of the estimate that the residual refers to. */
export const centredPatch = z.refine<{ patch: number; residual: string }>(
  ({ patch, residual }) => patch === 0 || (patch % 2 === 1 && residual !== 'none'),
  { message: 'patch must be odd and needs residual = thin-plate', path: ['patch'] },
);

/** Counts weights and biases of a linear layer. */
export function countLinear(inputs: number, outputs: number): number {
  return inputs * outputs + outputs;
}

/** Counts the parameters of a norm. */
export function countNorm(dim: number, isAdaptive: boolean): number {
  return isAdaptive ? countLinear(dim, 2 * dim) : 2 * dim;
}

/** Counts the parameters of an embedding: a linear layer and a norm. */
export function countEmbedding(features: number, dim: number): number {
  return countLinear(features, dim) + 2 * dim;
}

/** Counts the parameters of an attention. */
export function countAttention(dim: number): number {
  return 4 * countLinear(dim, dim);
}

/** Counts the parameters of an attention with its norm and an MLP with its norm. */
export function countBlock(dim: number, isAdaptive: boolean): number {
  return countAttention(dim) + countNorm(dim, isAdaptive) + countMlp(dim, isAdaptive);
}

function countMlp(dim: number, isAdaptive: boolean): number {
  return countNorm(dim, isAdaptive) + countLinear(dim, 4 * dim) + countLinear(4 * dim, dim);
}

/** Returns the numbers that describe a position, and a position with the patch around it. */
export function pointWidths(field: { fourierFeatures: number; patch: number }): {
  features: number;
  known: number;
} {
  const features = 2 * field.fourierFeatures;
  return { features, known: features + 4 * field.patch ** 2 };
}

/** Returns functions that count products and kept numbers of attention and MLP. */
export function layerCosts(dim: number, heads: number) {
  return {
    /** `repeats` separate attentions of `points` queries to `context` keys each. */
    attention: (points: number, context: number, repeats = 1) => ({
      products: repeats * (2 * (points + context) * dim ** 2 + 2 * points * context * dim),
      kept: repeats * (6 * points * dim + 2 * context * dim + 3 * heads * points * context),
    }),
    mlp: (points: number) => ({ products: 8 * points * dim ** 2, kept: 14 * points * dim }),
  };
}

/** The parameters of a network: `field` of a run's configuration. */

import { z } from 'zod';
import { count, flag, natural } from './configLeaf.ts';
import { fieldKinds } from './fieldTraits.ts';

export const fieldSchema = z
  .strictObject({
    kind: z.enum(fieldKinds).default('perceiver').meta({ title: 'Network' }),
    latents: count('Latents', 512),
    dim: z.int().min(8).default(512).meta({ title: 'Width' }),
    fourierFeatures: count('Fourier frequencies', 256),
    fourierScale: z.number().positive().default(10).meta({ title: 'Standard deviation of the frequencies' }),
    blocks: count('Blocks', 6),
    heads: count('Heads', 8),
    dropout: z.number().min(0).lt(1).default(0.1).meta({ title: 'Dropout' }),
    neighbours: count('Nearest observed pixels that a query of a local network reads', 16),
    mixing: natural(
      'Side of the square over which queries of a local network mix (0: none; else all pixels are predicted)',
      0,
      'pixels',
    ),
    queriesAttend: flag(
      'Queries of a transformer attend to one another as well (all pixels are then predicted)',
      false,
    ),
    levels: z.int().min(1).max(5).default(2).meta({ title: 'Resolutions of a U-Net, each half of the last' }),
    stride: z
      .int()
      .min(1)
      .max(4)
      .default(1)
      .meta({ title: 'Side of the squares of pixels that a U-Net sees as one', unit: 'pixels' }),
    queryCarriesState: flag('Queries carry the state x_t; the context holds observed pixels only', false),
    timeConditioning: z.enum(['added', 'adaptive']).default('added').meta({ title: 'Time conditioning' }),
    stepConditioning: flag('The network is told the size of a step, beside the time', false),
    readBlocks: natural('Residual read-out blocks (0: one plain cross-attention)', 0),
    residual: z.enum(['none', 'thin-plate']).default('none').meta({ title: 'Predict the difference to' }),
    patch: natural('Side of the patch of the classical estimate that a query sees (0: none)', 0, 'pixels'),
  })
  .refine((field) => field.dim % field.heads === 0, {
    message: 'dim must be a multiple of heads',
    path: ['heads'],
  })
  .refine((field) => field.dim % 2 === 0, { message: 'dim must be even', path: ['dim'] })
  .refine((field) => field.patch === 0 || (field.patch % 2 === 1 && field.residual !== 'none'), {
    message: 'patch must be odd and needs residual = thin-plate',
    path: ['patch'],
  })
  // Over a side of 1 no query would see another; every read-out block mixes once.
  .refine(({ mixing, readBlocks }) => mixing === 0 || (mixing % 2 === 1 && mixing > 1 && readBlocks > 0), {
    message: 'mixing must be 0, or odd and at least 3, and needs readBlocks above 0',
    path: ['mixing'],
  })
  .refine(({ queriesAttend, readBlocks }) => !queriesAttend || readBlocks > 0, {
    message: 'queriesAttend needs readBlocks above 0',
    path: ['queriesAttend'],
  })
  .refine((field) => field.queryCarriesState || field.patch === 0, {
    message: 'patch needs queryCarriesState = true',
    path: ['patch'],
  });

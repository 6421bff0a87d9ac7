/** lab baselines */

import { evaluateClassical } from '../../engine/classical/evaluateClassical.ts';
import { openSamplingData } from '../../compute/evaluation/samplingData.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import type { CropScales } from '../../../shared/config/config.ts';
import { type CommandDefinition, type OptionValues, UsageError } from '../command.ts';
import { cacheFolder } from '../labStore.ts';
import { readInteger, readRatios, valueOption } from '../options.ts';
import { noteFewerImages } from '../resultSession.ts';
import { dataOptions, readDataOptions } from '../samplingOptions.ts';

export const baselines: CommandDefinition = {
  usage: '[--data SOURCE] [--images N] [--mask-seed S]',
  options: {
    images: valueOption('N', 'Number of images, from the start of the split.', '100'),
    size: valueOption('N', 'Height and width of the images, pixels.', '32'),
    crops: valueOption(
      'MIN,MAX',
      'Score fixed crops of a folder’s images at these scales, such as 0.25,1.',
      'whole images',
    ),
    ...dataOptions,
  },
  positionals: { min: 0, max: 0 },
  async run({ values, output }) {
    const images = readInteger(values, 'images') ?? 100;
    const data = await openSamplingData({
      protocol: {
        ...readDataOptions(values, { source: 'synthetic', keepRatio: 0.2 }),
        imageSize: readInteger(values, 'size', 11) ?? 32,
        noiseSeed: null,
      },
      crops: readCrops(values),
      cacheFolder: cacheFolder(),
      images,
      onProgress: ({ phase, done, total }) =>
        output.progress(`${phase}: ${done}${total === null ? '' : ` of ${total}`}`),
    });
    noteFewerImages(images, data.protocol, output);
    const rows = await evaluateClassical({
      ...data,
      onProgress: (done, total, method) => output.progress(`${method}: ${done} of ${total} images`),
    });
    const evaluation = { protocol: data.protocol, rows };
    output.json(evaluation);
    output.text(comparisonText(evaluation));
    return 0;
  },
};

/** @throws UsageError unless there are two scales, the smaller one first. */
function readCrops(values: OptionValues): CropScales | null {
  const scales = readRatios(values, 'crops');
  if (scales === undefined) return null;
  const [smallest, largest] = scales;
  if (scales.length === 2 && smallest <= largest) return { smallest, largest };
  throw new UsageError(
    `--crops is ${scales.join(',')}: expected the smallest and the largest scale of the crops, such as 0.25,1.`,
  );
}

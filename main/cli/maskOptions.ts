/** Options for the settings that only some mask laws have. */

import {
  bayerPhases,
  defaultMixture,
  defaultPhase,
  largestMarkSize,
  type LawSettings,
  type MaskLaw,
  maskLawNames,
  type MaskOption,
  mixtureSchema,
  mostBlocks,
  traitsOfLaw,
  type UsedOptions,
  usesKeepRatio,
} from '../../shared/masks/laws.ts';
import { type OptionValues, UsageError } from './command.ts';
import { formatChoices, readBounded, readChoice, readRatio, readText, valueOption } from './options.ts';

export const maskOptionOptions = {
  'mark-size': valueOption(
    'R',
    `Width of strokes or height of letters, as a fraction of the shorter side, up to ${largestMarkSize}.`,
    'from small to large',
  ),
  blocks: valueOption('N', 'Hidden blocks of the law block.', '1'),
  mixture: valueOption(
    'TEXT',
    'Laws of the law mixture, each with a weight and ranges, such as "strokes 2 keep=0.7..0.95 size=0.02..0.1, block blocks=1..3".',
    defaultMixture,
  ),
  phase: valueOption(
    'PHASE',
    `Channels of the upper left 2 × 2 pixels of the law bayer, row by row: ${bayerPhases.join(', ')}.`,
    defaultPhase,
  ),
};

const optionNames: Readonly<Record<MaskOption, string>> = {
  markSize: 'mark-size',
  blocks: 'blocks',
  mixture: 'mixture',
  phase: 'phase',
};

/** @throws UsageError for values out of range, and for options that the law does not have. */
export function readMaskOptions(values: OptionValues, law: MaskLaw): UsedOptions {
  for (const [option, name] of Object.entries(optionNames) as [MaskOption, string][]) {
    if (values[name] === undefined || traitsOfLaw(law).options.includes(option)) continue;
    const laws = maskLawNames.filter((other) => traitsOfLaw(other).options.includes(option));
    throw new UsageError(
      `--${name} has no effect on masks of the law ${law}. Leave it out, or choose the law ${formatChoices(laws)}.`,
    );
  }
  const markSize = readRatio(values, 'mark-size', { max: largestMarkSize, example: 0.05 });
  const blocks = readBounded(values, 'blocks', { min: 1, max: mostBlocks });
  const mixture = readMixture(values);
  const phase = readChoice(values, 'phase', bayerPhases);
  return {
    ...(markSize !== undefined && { markSize }),
    ...(blocks !== undefined && { blocks }),
    ...(mixture !== undefined && { mixture }),
    ...(phase !== undefined && { phase }),
  };
}

function readMixture(values: OptionValues): string | undefined {
  const parsed = mixtureSchema.optional().safeParse(readText(values, 'mixture'));
  if (parsed.success) return parsed.data;
  throw new UsageError(`--mixture: ${parsed.error.issues.map(({ message }) => message).join(' ')}`);
}

/** Refuses options for the fraction of known pixels where it has no effect. @throws UsageError that names the option. */
export function checkKeepOptions(values: OptionValues, settings: LawSettings): void {
  const given = ['keep', 'keep-ratios'].find((name) => values[name] !== undefined);
  if (given === undefined || usesKeepRatio(settings)) return;
  if (settings.law !== 'mixture') {
    throw new UsageError(
      `--${given} has no effect on masks of the law ${settings.law}: one channel of each pixel is observed. Leave it out.`,
    );
  }
  throw new UsageError(
    `--${given} has no effect on this mixture, in which every law has its own fraction (keep=…). Leave it out, or leave keep=… out of the mixture.`,
  );
}

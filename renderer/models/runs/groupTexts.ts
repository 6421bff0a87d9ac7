/** Groupings and groups of the run list in words. */

import { listConfigSections } from '../../../shared/config/configParameters.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { type Grouping, type GroupScores, listGroupablePaths } from '../../../shared/runGroups.ts';

export interface GroupingChoice {
  readonly by: Grouping | null;
  readonly title: string;
  /** What its groups are, or the section of the parameter. */
  readonly hint: string;
}

/** Groupings that are listed before the parameters. */
export const namedChoices: readonly GroupingChoice[] = [
  { by: null, title: 'Not grouped', hint: '' },
  { by: 'sweep', title: 'Sweep', hint: '' },
  { by: 'setting', title: 'Setting', hint: 'everything but the seed' },
  { by: 'tag', title: 'Tag', hint: '' },
  { by: 'data', title: 'Dataset', hint: '' },
];

function listChoices(): GroupingChoice[] {
  const ofParameters = listConfigSections().flatMap((section) =>
    section.parameters
      .filter(({ path }) => listGroupablePaths().includes(path))
      .map(({ path, title }) => ({ by: path, title, hint: section.title })),
  );
  return [...namedChoices, ...ofParameters];
}

/** Returns the groupings whose title, hint or path has every word; without a text, all of them. */
export function findGroupings(text: string): readonly GroupingChoice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return listChoices().filter(({ by, title, hint }) => {
    const own = `${title} ${hint} ${by ?? ''}`.toLowerCase();
    return words.every((word) => own.includes(word));
  });
}

/** `Learning rate`, `Sweep`. */
export function titleOfGrouping(by: Grouping | null): string {
  return listChoices().find((choice) => choice.by === by)?.title ?? by ?? '';
}

/** Says which runs are averaged; null while no run has a score. */
export function describeAveraged(scores: GroupScores | null): string | null {
  if (scores === null) return null;
  const { averaged, scored, basis } = scores;
  const mean =
    averaged === 1
      ? 'The score of one run'
      : `Mean of the best scores of ${averaged} runs while they trained, ± half of its 95 % interval over runs (Student's t)`;
  const left = scored - averaged;
  const others =
    left > 0
      ? ` ${formatPlural(left, 'run was', 'runs were')} scored on other data or masks and ${left === 1 ? 'is' : 'are'} not averaged in.`
      : '';
  return `${mean}, on ${basis.label}.${others}`;
}

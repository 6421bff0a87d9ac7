/** What the list of methods shows of a run, and how it is searched. */

import { type FieldKind, traitsOf } from '../../../shared/config/networks/registry.ts';
import type { MaskAdvice } from '../../../shared/contract/inpainting.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { describeBest, formatCount } from '../../../shared/text/format.ts';

/** One entry of the list: a run or a classical method. */
export interface MethodChoice {
  /** ID of the run, or name of the method. */
  readonly value: string;
  readonly title: string;
  /** Network and training. */
  readonly facts: string;
  /** Best score and what it was measured on; empty for a classical method. */
  readonly score: string;
  /** Everything that a search looks in, in lower case. */
  readonly search: string;
}

/** `advice`: what the run was trained on; null while unknown. */
export function describeRun(run: RunSummary, advice: MaskAdvice | null): MethodChoice {
  const { id, name, field, step, source, preset, bestPsnr, scores, tags } = run;
  const training = advice === null ? [] : [`trained on ${advice.trainedOn}`];
  const facts = [traitsOf(field as FieldKind).title, `step ${formatCount(step)}`, ...training].join(' · ');
  const best = describeBest(bestPsnr);
  const score =
    bestPsnr === null
      ? `${source} · ${best}`
      : `${best.charAt(0).toUpperCase()}${best.slice(1)} on ${scores.label}`;
  const search = [name, id, preset, source, ...tags, facts, score].join(' ').toLowerCase();
  return { value: id, title: name, facts, score, search };
}

/** Returns whether all words of a query occur in an entry. */
export function matchesSearch({ search }: MethodChoice, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/);
  return words.every((word) => search.includes(word));
}

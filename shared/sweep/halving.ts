/**
 * Which member of a sweep is computed next: asynchronous successive halving (ASHA), and plain order without it.
 * Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys, arXiv:1810.05934, Algorithm 2.
 */

import { formatPlural } from '../text/format.ts';
import { compareScores } from './sweepScore.ts';
import { amountOf, type SweepObjective, type SweepRung, type SweepSpec } from './sweep.ts';

/**
 * Returns the budgets at which members are scored, ascending: minimum · eta^k below the budget, then the budget itself.
 * Without halving there is only the last one.
 */
export function rungsOf({ budget, halving }: Pick<SweepSpec, 'budget' | 'halving'>): SweepRung[] {
  if (halving === null || budget === null) return [budget];
  const rungs: SweepRung[] = [];
  for (let amount = halving.minimum; amount < amountOf(budget); amount *= halving.eta)
    rungs.push('steps' in budget ? { steps: amount } : { minutes: amount });
  return [...rungs, budget];
}

/** What the choice of the next member depends on. */
export interface RankedMember {
  readonly index: number;
  /** By rung, from the first; null: diverged. */
  readonly scores: readonly (number | null)[];
  /**
   * `idle`: not started, or scored at its last rung; `begun`: between two rungs, to be continued; `active`: being computed;
   * `failed`: not to be chosen.
   */
  readonly progress: 'idle' | 'begun' | 'active' | 'failed';
}

export interface HalvingRule {
  /** Number of rungs, the whole budget included. */
  readonly rungs: number;
  readonly eta: number;
  readonly objective: Pick<SweepObjective, 'metric'>;
}

/** A member, and the rung up to which it is computed. */
export interface NextMember {
  readonly member: number;
  readonly rung: number;
}

/**
 * Returns what to compute next; null if nothing is left, or nothing can be decided before active members are scored.
 *
 * Members that have begun come first. Then, as in the paper, promotions from the highest rung down: members among the best
 * ⌊n / eta⌋ of the n scored at a rung. Then the next member that has not started. A sweep has finitely many members, so that
 * the last rungs may never have eta members: if nothing else is left and no member has its whole budget, the best one of the
 * highest rung continues, so that a sweep always ends with a winner.
 */
export function chooseNext(members: readonly RankedMember[], rule: HalvingRule): NextMember | null {
  const begun = members.find(({ progress }) => progress === 'begun');
  if (begun) return { member: begun.index, rung: begun.scores.length };
  for (let rung = rule.rungs - 2; rung >= 0; rung--) {
    const promoted = bestOf(members, rung, rule).find((member) => isWaiting(member, rung));
    if (promoted) return { member: promoted.index, rung: rung + 1 };
  }
  const fresh = members.find(({ scores, progress }) => progress === 'idle' && scores.length === 0);
  if (fresh) return { member: fresh.index, rung: 0 };
  return members.some(({ progress }) => progress === 'active') ? null : chooseLast(members, rule);
}

/** Returns the members that may pass a rung: the best ⌊n / eta⌋ of the n that were scored there, the best one first. */
export function bestOf(members: readonly RankedMember[], rung: number, rule: HalvingRule): RankedMember[] {
  const scored = rankedAt(members, rung, rule);
  return scored.slice(0, Math.floor(scored.length / rule.eta)).filter(({ scores }) => scores[rung] !== null);
}

/** Returns the members that were scored at a rung, best first; equal ones by their numbers. */
function rankedAt(
  members: readonly RankedMember[],
  rung: number,
  { objective }: HalvingRule,
): RankedMember[] {
  return members
    .filter(({ scores }) => scores.length > rung)
    .sort(
      (one, other) =>
        compareScores(one.scores[rung], other.scores[rung], objective) || one.index - other.index,
    );
}

function isWaiting({ scores, progress }: RankedMember, rung: number): boolean {
  return progress === 'idle' && scores.length === rung + 1 && scores[rung] !== null;
}

function chooseLast(members: readonly RankedMember[], rule: HalvingRule): NextMember | null {
  const highest = Math.max(
    0,
    ...members.map(({ scores }) => scores.filter((score) => score !== null).length),
  );
  if (highest === 0 || highest === rule.rungs) return null;
  const best = rankedAt(members, highest - 1, rule).find((member) => isWaiting(member, highest - 1));
  return best ? { member: best.index, rung: highest } : null;
}

/** Says why a member was not continued: how it ranked at its last rung. `rung`: the budget there. */
export function describeStop(
  members: readonly RankedMember[],
  index: number,
  rule: HalvingRule & { readonly budgets: readonly SweepRung[] },
): string {
  const rung = (members.find((member) => member.index === index)?.scores.length ?? 1) - 1;
  const scored = rankedAt(members, rung, rule);
  const rank = scored.findIndex((member) => member.index === index) + 1;
  const kept = Math.floor(scored.length / rule.eta);
  return `Stopped early after ${describeRung(rule.budgets[rung])}: number ${rank} of ${scored.length} there, of which the best ${kept} continued.`;
}

/** `300 steps`, `2 minutes`, or `the whole budget`. */
export function describeRung(rung: SweepRung): string {
  if (rung === null) return 'the whole budget';
  return 'steps' in rung ? formatPlural(rung.steps, 'step') : `${rung.minutes} min`;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestOf,
  chooseNext,
  describeStop,
  type RankedMember,
  rungsOf,
} from '../../../shared/sweep/halving.ts';
import { exampleSpec } from './exampleSweep.ts';

const objective = { metric: 'psnr' } as const;

interface Played {
  readonly members: RankedMember[];
  /** Members in the order in which they were computed, with their rungs. */
  readonly jobs: { member: number; rung: number }[];
}

/** Computes a sweep with so many lanes; `score` of a member at a rung, null: it diverges. */
function play(
  count: number,
  rule: { rungs: number; eta: number },
  {
    lanes = 1,
    score,
    onChoice,
  }: {
    lanes?: number;
    score: (member: number, rung: number) => number | null;
    onChoice?: (members: readonly RankedMember[], next: { member: number; rung: number }) => void;
  },
): Played {
  const members = Array.from({ length: count }, (_, index): RankedMember => ({
    index,
    scores: [],
    progress: 'idle',
  }));
  const jobs: Played['jobs'] = [];
  const active: { member: number; rung: number }[] = [];
  for (;;) {
    while (active.length < lanes) {
      const next = chooseNext(members, { ...rule, objective });
      if (!next) break;
      onChoice?.(members, next);
      expect(members[next.member].scores).toHaveLength(next.rung);
      members[next.member] = { ...members[next.member], progress: 'active' };
      active.push(next);
      jobs.push(next);
    }
    const done = active.shift();
    if (!done) return { members, jobs };
    const { scores } = members[done.member];
    members[done.member] = {
      index: done.member,
      scores: [...scores, score(done.member, done.rung)],
      progress: 'idle',
    };
  }
}

const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
const rules = fc.record({ rungs: fc.integer({ min: 1, max: 4 }), eta: fc.integer({ min: 2, max: 4 }) });

describe('successive halving', () => {
  it('has rungs at minimum · eta^k below the budget, and the budget', () => {
    expect(rungsOf(exampleSpec({ halving: { minimum: 10, eta: 3 } }))).toEqual(
      [10, 30, 90, 100].map((steps) => ({ steps })),
    );
    expect(rungsOf(exampleSpec())).toEqual([{ steps: 100 }]);
    expect(rungsOf(exampleSpec({ budget: null }))).toEqual([null]);
  });

  it('scores every member at the first rung, and none at a rung before the ones below it', () => {
    fc.assert(
      fc.property(values, rules, fc.integer({ min: 1, max: 5 }), (scores, rule, lanes) => {
        const { members } = play(scores.length, rule, { lanes, score: (member) => scores[member] });
        expect(members.every(({ scores: own }) => own.length >= 1 && own.length <= rule.rungs)).toBe(true);
      }),
    );
  });

  it('promotes only members among the best 1/eta of those scored so far, except the last survivor', () => {
    fc.assert(
      fc.property(values, rules, fc.integer({ min: 1, max: 5 }), (scores, rule, lanes) => {
        play(scores.length, rule, {
          lanes,
          score: (member, rung) => scores[member] + rung,
          onChoice(members, { member, rung }) {
            if (rung === 0) return;
            const isLastSurvivor = members.every(
              (each) => each.progress === 'idle' && each.scores.length > 0 && each.scores.length <= rung,
            );
            const promoted = bestOf(members, rung - 1, { ...rule, objective });
            expect(isLastSurvivor || promoted.some(({ index }) => index === member)).toBe(true);
          },
        });
      }),
    );
  });

  it('gives the whole budget to at least one member that did not diverge, and to the best if scores keep their order', () => {
    fc.assert(
      fc.property(values, rules, (scores, rule) => {
        const { members } = play(scores.length, rule, { score: (member, rung) => scores[member] + rung });
        const complete = members.filter((member) => member.scores.length === rule.rungs);
        const best = Math.max(...scores);
        expect(complete.some(({ index }) => scores[index] === best)).toBe(true);
      }),
    );
  });

  it('ends with the same scored members as it would without lanes if no rung is there to decide', () => {
    const one = play(7, { rungs: 1, eta: 3 }, { score: (member) => member });
    const two = play(7, { rungs: 1, eta: 3 }, { lanes: 2, score: (member) => member });
    expect(one.members).toEqual(two.members);
    expect(one.jobs).toEqual(two.jobs);
  });

  it('never continues a member that diverged, and prefers smaller values of an error', () => {
    const rule = { rungs: 2, eta: 2 };
    const { members } = play(4, rule, { score: (member) => (member === 3 ? null : member) });
    expect(members[3].scores).toEqual([null]);
    const next = chooseNext(
      [3, 1, 2].map((value, index) => ({ index, scores: [value], progress: 'idle' })),
      { ...rule, objective: { metric: 'mse' } },
    );
    expect(next).toEqual({ member: 1, rung: 1 });
  });

  it('continues begun members first, leaves failed ones out, and waits for active ones before it ends', () => {
    const rule = { rungs: 2, eta: 2, objective };
    const idle: RankedMember = { index: 0, scores: [], progress: 'idle' };
    const begun: RankedMember = { index: 1, scores: [5], progress: 'begun' };
    expect(chooseNext([idle, begun], rule)).toEqual({ member: 1, rung: 1 });
    expect(chooseNext([{ ...idle, progress: 'failed' }], rule)).toBeNull();
    const waiting: RankedMember = { index: 1, scores: [5], progress: 'idle' };
    expect(chooseNext([{ ...idle, progress: 'active' }, waiting], rule)).toBeNull();
    expect(chooseNext([{ ...idle, progress: 'failed' }, waiting], rule)).toEqual({ member: 1, rung: 1 });
  });

  it('says how a member that was stopped ranked', () => {
    const members = [9, 7, 8].map((score, index): RankedMember => ({
      index,
      scores: [score],
      progress: 'idle',
    }));
    const budgets = [{ steps: 30 }, { steps: 90 }];
    expect(describeStop(members, 1, { rungs: 2, eta: 3, objective, budgets })).toBe(
      'Stopped early after 30 steps: number 3 of 3 there, of which the best 1 continued.',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { groupAsEvaluation, groupEvaluations } from '../../../renderer/models/run/evaluationGroups.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';

const { protocol } = exampleEvaluation;
const flow = (psnr: number) => exampleRow({ method: 'flow', nfe: 1, samples: 1, psnr });
const at = (step: number, rows = [exampleRow({ method: 'linear' }), flow(step)], own = protocol) => ({
  step,
  createdAt: `2026-11-23T20:00:${step}Z`,
  protocol: own,
  rows,
});

describe('groupEvaluations', () => {
  it('Results of different protocols are never in one table', () => {
    const groups = groupEvaluations([at(30), at(20, undefined, { ...protocol, maskSeed: 7 }), at(10)]);
    expect(groups.map((group) => group.protocol.maskSeed)).toEqual([42, 7]);
    expect(groups[0].lines.map(({ step }) => step)).toEqual([null, 30, 10]);
  });

  it('The order of the fields of a protocol is irrelevant', () => {
    const turned = Object.fromEntries(Object.entries(protocol).reverse()) as typeof protocol;
    expect(groupEvaluations([at(20), at(10, undefined, turned)])).toHaveLength(1);
  });

  it('A classical method is listed once, regardless of the number of evaluations', () => {
    const [group] = groupEvaluations([at(20), at(10)]);
    expect(group.lines.filter(({ row }) => row.method === 'linear')).toHaveLength(1);
  });

  it('Method names include the step if there are several steps', () => {
    const methods = (count: number) =>
      groupAsEvaluation(groupEvaluations([at(20), at(10)].slice(0, count))[0]).rows.map(
        ({ method }) => method,
      );
    expect(methods(1)).toEqual(['linear', 'flow']);
    expect(methods(2)).toEqual(['linear', 'flow, step 20', 'flow, step 10']);
  });
});

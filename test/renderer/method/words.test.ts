import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { metricTitle } from '../../../renderer/models/charts/chartModel.ts';
import { trainingScores } from '../../../renderer/models/compare/trainingScores.ts';
import { findWord, glossary } from '../../../renderer/models/method/glossary.ts';
import { pageSections } from '../../../renderer/models/method/pageSections.ts';
import { runSections } from '../../../renderer/models/method/runSections.ts';
import { papers } from '../../../renderer/models/method/section.ts';
import { columnDefinitions } from '../../../renderer/models/runs/columns.ts';
import { metricTitle as sweptMetricTitle } from '../../../renderer/models/sweeps/sweepForm.ts';
import { inPageWords } from '../../../renderer/models/ui/pixelWords.ts';
import {
  detailColumns,
  distributionColumns,
  intervalColumns,
  scoreColumns,
} from '../../../shared/comparison/comparisonColumns.ts';
import { pairedMetrics } from '../../../shared/comparison/pairedStatistics.ts';
import { exampleComparedEvaluation } from '../../shared/comparison/exampleComparedRun.ts';
import { exampleRunSummary } from '../../shared/exampleRun.ts';
import { pathFormulas } from '../../../shared/method/paths.ts';
import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import { sweptMetricNames } from '../../../shared/sweep/sweep.ts';

const isTypeset = (tex: string) =>
  katex.renderToString(tex, { throwOnError: true, strict: 'error' }).length > 0;

describe.each([...pageSections, ...runSections])(
  'the section “$title”',
  ({ text, formulas, papers: cited }) => {
    it('has three to five sentences, formulas that can be typeset, and papers', () => {
      const sentences = text.match(/[^.]+\.(?= [A-Z]|$)/g) ?? [];
      expect(sentences.length).toBeGreaterThanOrEqual(3);
      expect(sentences.length).toBeLessThanOrEqual(5);
      expect(formulas.map(({ tex }) => isTypeset(tex))).not.toContain(false);
      expect(formulas.length).toBeGreaterThan(0);
      expect(cited.length).toBeGreaterThan(0);
    });
  },
);

it('the formulas of the paths can be typeset', () => {
  for (const tex of Object.values(pathFormulas)) expect(isTypeset(tex)).toBe(true);
});

it('every paper has the address of its abstract', () => {
  for (const { address } of Object.values(papers))
    expect(address).toMatch(/^https:\/\/(arxiv\.org\/abs\/\d{4}\.\d{4,5}|doi\.org\/10\.\S+)$/);
});

describe('the glossary', () => {
  const words = glossary.flatMap((group) => group.words);

  it('explains every word once, in one to three sentences', () => {
    expect(new Set(words.map(({ id }) => id)).size).toBe(words.length);
    for (const { text } of words) expect(text).toMatch(/^[^\n]{10,320}\.$/);
  });

  it('has every metric that runs log, and every column of the list of runs', () => {
    const heads = [
      ...(Object.keys(loggedMetrics) as MetricName[]).map(metricTitle),
      ...Object.values(columnDefinitions).map(({ title }) => title),
    ];
    expect(heads.filter((head) => findWord(head) === null)).toEqual([]);
  });

  it('has every column of the tables of comparisons and inpaintings', () => {
    const { rows } = exampleComparedEvaluation([]);
    const [{ table }] = trainingScores([exampleRunSummary()]);
    const columns = [
      ...scoreColumns(rows),
      ...distributionColumns,
      ...detailColumns,
      ...intervalColumns(rows, 'thin plate'),
      ...table.columns,
    ];
    const heads = [
      ...columns.map(({ heading }) => inPageWords(heading.join(' '))),
      'PSNR all dB',
      'Mean difference, dB',
      'Sign test',
    ];
    expect(heads.filter((head) => findWord(head) === null)).toEqual([]);
  });

  it('has every word that a chart, a choice of a metric or a form is linked to', () => {
    const folder = 'renderer/components';
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.vue'),
    );
    const linked = files.flatMap((name) =>
      Array.from(
        readFileSync(join(folder, name), 'utf8').matchAll(
          /(?<= )(?:term="|<GlossaryTerm text="|term: ')([A-Z][^"']*)/g,
        ),
        ([, word]) => word,
      ),
    );
    const metrics = [
      ...Object.values(pairedMetrics).map(({ title }) => inPageWords(title)),
      ...sweptMetricNames.map(sweptMetricTitle),
    ];
    expect(linked.length).toBeGreaterThan(8);
    expect([...linked, ...metrics].filter((word) => findWord(word) === null)).toEqual([]);
  });
});

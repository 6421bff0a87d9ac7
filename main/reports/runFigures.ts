/** The figures of one run, from its configuration, its newest evaluation and its study. */

import {
  coverageChart,
  type NamedDistribution,
  qualityChart,
  rankChart,
} from '../../shared/comparison/comparisonCharts.ts';
import { finestDistribution, qualityCurve } from '../../shared/comparison/qualityCurve.ts';
import { assignRunStyles } from '../../shared/charts/runColours.ts';
import { pixelPathChart, signalToNoiseChart } from '../../shared/method/pathCharts.ts';
import { type PathKind, pathNames } from '../../shared/method/paths.ts';
import {
  distanceChart,
  solverErrorChart,
  solverQualityChart,
  spreadChart,
  spreadSkillChart,
  trajectoryChart,
} from '../../shared/method/studyCharts.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { randomNormals, randomUniforms } from '../../shared/numbers/random.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Study, StudyImage } from '../../shared/study.ts';
import type { ChartFigure } from './chartFigure.ts';

/** Figures are drawn on white. */
const isDark = false;

/** Returns the values of a random pixel along the run's path and the others, and their signal-to-noise ratios. */
export function pathsFigure({ config, name }: Pick<RunRecord, 'config' | 'name'>): ChartFigure {
  const { kind } = config.path;
  const others = (Object.keys(pathNames) as PathKind[]).filter((other) => other !== kind);
  const kinds = [kind, ...others];
  const key = { seed: config.seed, stream: 'sampling', step: 0 } as const;
  const ends = { start: [...randomNormals(key, 3)], data: [...randomUniforms(key, 3)] };
  return {
    title: `Paths: ${name}`,
    columns: 2,
    charts: [
      ...kinds.map((each) => pixelPathChart(ends, { kind: each, isDark })),
      signalToNoiseChart(kinds, { isDark }),
    ],
  };
}

/** Returns a pixel of an image along the solution, the distance to the truth and the spread of the samples. */
export function trajectoryFigure(
  { name }: Pick<RunRecord, 'name'>,
  study: Study,
  { image, arrays, pixel }: { readonly image: number; readonly arrays: StudyImage; readonly pixel: number },
): ChartFigure {
  return {
    title: `Trajectory: ${name}`,
    columns: 3,
    charts: [
      trajectoryChart(study, arrays, { pixel, isDark }),
      distanceChart(study, image, { isDark }),
      spreadChart(study, arrays, { image, pixel, isDark }),
    ],
  };
}

/**
 * Returns coverage and ranks of an evaluation, and, with a study, the error against the spread.
 * @throws Error when no row has a distribution.
 */
export function calibrationFigure(
  { id, name }: Pick<RunRecord, 'id' | 'name'>,
  rows: readonly EvaluationRow[],
  study: Study | null,
): ChartFigure {
  const distribution = finestDistribution(rows)?.distribution;
  if (!distribution)
    throw new Error(
      `Run ${id} "${name}" has no evaluation with several samples, which a calibration needs. Evaluate it first: lab evaluate ${id} --samples 8.`,
    );
  const row: NamedDistribution = { ...styleOf(id), name, distribution };
  return {
    title: `Calibration: ${name}`,
    columns: 3,
    charts: [
      coverageChart([row]),
      rankChart(row),
      ...(study && study.spreadSkill.length > 0 ? [spreadSkillChart(study, { isDark })] : []),
    ],
  };
}

/** Returns error and PSNR of every solver against evaluations; if an evaluation measured a curve, that too. */
export function curveFigure(
  { id, name }: Pick<RunRecord, 'id' | 'name'>,
  study: Study,
  rows: EvaluationRow[],
): ChartFigure {
  const points = qualityCurve({ rows });
  return {
    title: `Solvers: ${name}`,
    columns: 3,
    charts: [
      solverErrorChart(study, { isDark }),
      solverQualityChart(study, { isDark }),
      ...(points.length > 1 ? [qualityChart([{ ...styleOf(id), name, points }], 'nfe')] : []),
    ],
  };
}

function styleOf(id: string): { readonly colour: string; readonly dash: readonly number[] } {
  const style = assignRunStyles([id]).get(id);
  return { colour: style?.light ?? '#0067a5', dash: style?.dash ?? [] };
}

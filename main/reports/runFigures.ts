/** The figures of one run, as its tab Method shows them: from its configuration, its newest evaluation and its study. */

import {
  coverageChart,
  type NamedDistribution,
  qualityChart,
  rankChart,
} from '../../shared/comparison/comparisonCharts.ts';
import { finestDistribution, qualityCurve } from '../../shared/comparison/qualityCurve.ts';
import { assignRunStyles } from '../../shared/charts/runColours.ts';
import { conditioningCharts, stateCharts } from '../../shared/method/mapCharts.ts';
import { pathFunctionCharts, pathKindsFrom, pixelPathCharts } from '../../shared/method/pathCharts.ts';
import { drawPixelEnds, examplePixel, pathStartOf } from '../../shared/method/paths.ts';
import {
  distanceChart,
  solverErrorChart,
  solverQualityChart,
  spreadChart,
  spreadSkillChart,
  trajectoryChart,
} from '../../shared/method/studyCharts.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Study, StudyImage } from '../../shared/study.ts';
import type { ChartFigure } from './chartFigure.ts';

/** Figures are drawn on white. */
const isDark = false;

/** CSS pixels of an image with its title and scale. */
const imageSize = { width: 420, height: 460 };

/** Returns the values of a pixel along the run's path and the others, and the functions that make the run's path. */
export function pathsFigure({ config: { path }, name }: Pick<RunRecord, 'config' | 'name'>): ChartFigure {
  const ends = drawPixelEnds(examplePixel, pathStartOf(path), 1);
  const theme = { isDark };
  return {
    title: `Paths: ${name}`,
    columns: 3,
    charts: [
      ...pixelPathCharts(pathKindsFrom(path.kind), ends, theme),
      ...pathFunctionCharts(path.kind, ends, theme),
    ],
  };
}

interface ChosenPixel {
  readonly arrays: StudyImage;
  readonly pixel: number;
}

/** Returns an image at a state of its solution, with maps of speed, curvature and the spread of the samples. */
export function mapsFigure(
  { name }: Pick<RunRecord, 'name'>,
  study: Study,
  { arrays, pixel, state }: ChosenPixel & { readonly state: number },
): ChartFigure {
  const charts = stateCharts(study, arrays, { state, pixel });
  return { title: `Maps: ${name}`, columns: charts.length, size: imageSize, charts };
}

/**
 * Returns which known pixels the prediction at a pixel depends on, and attends to if the network has attention.
 * @throws Error when the study has neither.
 */
export function sensitivityFigure(
  { id, name }: Pick<RunRecord, 'id' | 'name'>,
  study: Study,
  { arrays, pixel }: ChosenPixel,
): ChartFigure {
  const { charts, hasSensitivity, attentionRatio } = conditioningCharts(study, arrays, pixel);
  if (!hasSensitivity && attentionRatio === null)
    throw new Error(
      `The images of run ${id} "${name}" have ${study.width} × ${study.height} pixels, too many for gradients through the classical estimate, and its network has no attention. Choose a run with smaller images.`,
    );
  return { title: `Sensitivity: ${name}`, columns: 3, size: imageSize, charts };
}

/** Returns a pixel of an image along the solution, the distance to the truth and the spread of the samples. */
export function trajectoryFigure(
  { name }: Pick<RunRecord, 'name'>,
  study: Study,
  { image, arrays, pixel }: ChosenPixel & { readonly image: number },
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

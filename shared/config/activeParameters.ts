/** Which parameters have an effect, given the values of the others: a form leaves out those that have none. */

import { type DataSourceKind, dataSourceTraits } from '../dataset.ts';
import { maskLawNames, maskOptions, traitsOfLaw, usesKeepRatio } from '../masks/laws.ts';
import type { ParameterValue } from './describeSchema.ts';
import { type FieldKind, fieldKinds, networksWith, titleOfNetwork, traitsOf } from './networks/registry.ts';

/** The values of a form, some of which may be invalid. */
export interface FormValues {
  /** Returns the value of a parameter by its path; undefined if the chosen network does not have it. */
  readonly valueAt: (path: string) => ParameterValue | undefined;
  /** Kind of the chosen dataset; null if none is chosen. */
  readonly source: DataSourceKind | null;
}

/**
 * Returns when a parameter would have an effect, such as `only with the solver DDIM`; null if it has one now. A parameter
 * that makes others valid counts as having an effect.
 */
export function explainInactive(path: string, values: FormValues): string | null {
  const network = chosenNetwork(values);
  const [section, name] = path.split('.');
  if (section === 'field' && !networksWith(name).includes(network)) {
    return `only with the network ${listNames(networksWith(name).map(titleOfNetwork))}`;
  }
  const option = maskOptions.find((each) => path === `mask.${each}`);
  if (option !== undefined) {
    if (traitsOfLaw(chosenLaw(values)).options.includes(option)) return null;
    const laws = maskLawNames.filter((law) => traitsOfLaw(law).options.includes(option));
    return `only with the mask law ${listNames(laws.map((law) => traitsOfLaw(law).title))}`;
  }
  return rules[path]?.(values) ?? null;
}

type Rule = (values: FormValues) => string | null;

/** Returns a rule for a parameter that has an effect only if another has one of some values. */
function onlyIf(path: string, accepted: readonly ParameterValue[], text: string): Rule {
  return ({ valueAt }) => (accepted.includes(valueAt(path) ?? null) ? null : text);
}

/** Returns a rule for a parameter that has an effect only if a number is above zero. */
const onlyAbove0 =
  (path: string, text: string): Rule =>
  ({ valueAt }) =>
    Number(valueAt(path)) > 0 ? null : text;

/** Returns a rule that states the first of several reasons. */
const firstOf =
  (...parts: readonly Rule[]): Rule =>
  (values) =>
    parts.map((part) => part(values)).find((text) => text !== null) ?? null;

const ofFolders: Rule = ({ source }) =>
  source === null || dataSourceTraits[source].isCroppable ? null : 'only for a folder of images';
const ofCrops = firstOf(ofFolders, onlyIf('data.crops', [true], 'only with random crops'));
const ofResidual = onlyIf(
  'field.residual',
  ['thin-plate'],
  'only if the network predicts the difference to the classical estimate',
);
const ofShortcuts = firstOf(
  onlyIf('path.kind', ['linear'], 'only with the path linear'),
  onlyIf('path.prediction', ['velocity', 'data'], 'only if the network predicts the velocity or the image'),
);
const ofEvaluations = onlyAbove0('train.evaluateEverySteps', 'only if the run is evaluated while it trains');
/** An interval of 0 means never, with `timesPerRun` as well. */
const ofIntervals =
  (path: string): Rule =>
  ({ valueAt }) =>
    valueAt('train.timesPerRun') === null || Number(valueAt(path)) === 0
      ? null
      : 'only without a number of evaluations per run';
const ofMinSnr = onlyIf('objective.weighting', ['min-snr'], 'only with the weighting min-SNR');
function predictsWholeImages(values: FormValues): boolean {
  const { queries, mixesBy } = traitsOf(chosenNetwork(values));
  return queries === 'grid' || (mixesBy !== null && Number(values.valueAt(`field.${mixesBy}`)) > 0);
}
/** Pink noise with another network is an error, and stays in sight to be mended. */
const ofWholeImages: Rule = (values) =>
  predictsWholeImages(values) || values.valueAt('path.noise') === 'pink'
    ? null
    : 'only with a network that predicts all pixels';
/** A rule for networks that are given the known pixels as a grid, and predict all of them with the others. */
const ofGrid: Rule = (values) =>
  predictsWholeImages(values) && !traitsOf(chosenNetwork(values)).readsList
    ? null
    : 'only with a network that predicts the known pixels, too';
const ofReadOut = onlyAbove0('field.readBlocks', 'only with read-out blocks');
/** dopri5 chooses its own steps. */
const ofFixedSteps: Rule = ({ valueAt }) =>
  valueAt('sampler.solver') === 'dopri5' ? 'not with the solver DOPRI5' : null;
const ofLangevin = onlyIf('sampler.solver', ['langevin'], 'only with the solver Langevin');

const rules: Readonly<Record<string, Rule>> = {
  'data.folderLayout': ofFolders,
  'data.crops': ofFolders,
  'data.cropScaleMin': ofCrops,
  'data.cropScaleMax': ofCrops,
  'mask.keepRatio': ofKeepRatio,
  'mask.keepRatioMin': firstOf(ofKeepRatio, ofRanges),
  'mask.keepRatioMax': firstOf(ofKeepRatio, ofRanges),
  'mask.targetRatio': ofTargets,
  'mask.pool': ({ valueAt }) =>
    valueAt('mask.law') === 'numpy' ? 'not with masks by NumPy’s generator' : null,
  'field.patch': firstOf(ofResidual, (values) =>
    chosenNetwork(values) === 'perceiver' && values.valueAt('field.queryCarriesState') !== true
      ? 'only if queries carry the state'
      : null,
  ),
  'field.mixing': ofReadOut,
  'field.queriesAttend': ofReadOut,
  'field.stepConditioning': ofShortcuts,
  'path.residualDeviation': ofResidual,
  'path.unit': ofResidual,
  'path.noise': ofWholeImages,
  'objective.knownWeight': ofGrid,
  'objective.shortcutShare': ofShortcuts,
  'objective.snrLimit': ofMinSnr,
  'objective.snrFloor': ofMinSnr,
  'optim.emaMore': onlyAbove0('optim.ema', 'only with a decay of the EMA'),
  'train.epochs': ({ valueAt }) =>
    valueAt('train.steps') === null ? null : 'only without a number of steps',
  'train.evaluateEverySteps': ofIntervals('train.evaluateEverySteps'),
  'train.previewEverySteps': ofIntervals('train.previewEverySteps'),
  'train.evaluationImages': ofEvaluations,
  'train.evaluate': ofEvaluations,
  'sampler.steps': ofFixedSteps,
  'sampler.grid': ofFixedSteps,
  'sampler.gridRho': firstOf(ofFixedSteps, onlyIf('sampler.grid', ['edm'], 'only with the grid EDM')),
  'sampler.gridShift': firstOf(
    ofFixedSteps,
    onlyIf('sampler.grid', ['shifted'], 'only with the grid shifted'),
  ),
  'sampler.tolerance': onlyIf('sampler.solver', ['dopri5'], 'only with the solver DOPRI5'),
  'sampler.eta': onlyIf('sampler.solver', ['ddim'], 'only with the solver DDIM'),
  'sampler.correctorSteps': ofLangevin,
  'sampler.correctorRatio': firstOf(
    ofLangevin,
    onlyAbove0('sampler.correctorSteps', 'only with corrections'),
  ),
};

function ofKeepRatio(values: FormValues): string | null {
  const law = chosenLaw(values);
  if (law === 'bayer') return 'not with a Bayer pattern';
  if (law !== 'mixture') return null;
  try {
    const mixture = String(values.valueAt('mask.mixture'));
    return usesKeepRatio({ law, mixture }) ? null : 'only if a law of the mixture has no fraction of its own';
  } catch {
    // The form reports the mixture, which cannot be read.
    return null;
  }
}

function ofRanges(values: FormValues): string | null {
  if (!traitsOf(chosenNetwork(values)).readsList) return null;
  return `only with the network ${listNames(fieldKinds.filter((kind) => !traitsOf(kind).readsList).map(titleOfNetwork))}`;
}

/** A network that predicts whole images has all their pixels as targets. */
function ofTargets(values: FormValues): string | null {
  const { queries, mixesBy } = traitsOf(chosenNetwork(values));
  const isMixed = mixesBy !== null && Boolean(values.valueAt(`field.${mixesBy}`));
  return queries === 'grid' || isMixed ? 'only if the network predicts single pixels' : null;
}

function chosenNetwork({ valueAt }: FormValues): FieldKind {
  return fieldKinds.find((kind) => kind === valueAt('field.kind')) ?? fieldKinds[0];
}

function chosenLaw({ valueAt }: FormValues) {
  return maskLawNames.find((law) => law === valueAt('mask.law')) ?? maskLawNames[0];
}

function listNames(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
}

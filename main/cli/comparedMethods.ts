/** Which presets stand for the methods of a comparison, and the runs that train them. */

import type { RunConfig } from '../../shared/config/config.ts';
import { findPreset, presets, resolvePreset } from '../../shared/config/presets/registry.ts';
import type { RunRecord } from '../../shared/run.ts';
import { applyBudget } from '../../shared/config/longerBudget.ts';
import { listRuns } from '../store/runs/runs.ts';
import type { Store } from '../store/store.ts';
import { type OptionValues, UsageError } from './command.ts';
import { absoluteSource } from './lab.ts';
import { readPositive, readText, readTexts } from './options.ts';
import type { Output } from './output.ts';
import { applyOverrides } from './overrides.ts';
import { requirePreset } from './presetOption.ts';
import { followTraining, trainNewRun } from './trainingSession.ts';

export interface ComparedMethod {
  readonly name: string;
  readonly config: RunConfig;
}

/** The methods compared where nobody chooses. One network, three ways to train it. */
const usualMethods = ['flow', 'denoiser', 'score'];
/** Methods whose preset has another name. */
const presetNames: Readonly<Record<string, string>> = { flow: 'tiny' };
const usualMinutes = 3;

/**
 * The methods with their configurations on one budget. Of the usual ones those without a preset are left out, with a note.
 * @throws UsageError when a method that was asked for has no preset.
 */
export function readMethods(values: OptionValues, output: Pick<Output, 'note'>): ComparedMethod[] {
  const text = readText(values, 'methods');
  const asked = text === undefined ? usualMethods : [...new Set(text.split(',').map((name) => name.trim()))];
  const minutes = readPositive(values, 'budget') ?? usualMinutes;
  return asked.flatMap((name) => {
    const presetName = presetNames[name] ?? name;
    if (text === undefined && findPreset(presetName) === undefined) {
      const known = presets.map((preset) => preset.name).join(', ');
      output.note(`Method ${name} is left out: this version has no preset "${presetName}", only ${known}.`);
      return [];
    }
    const config = applyOverrides(resolvePreset(requirePreset(presetName)), readTexts(values, 'set'));
    const source = absoluteSource(readText(values, 'data') ?? config.data.source);
    return [{ name, config: applyBudget({ ...config, data: { ...config.data, source } }, { minutes }) }];
  });
}

/** Trains the method, or with `isResuming` takes up what the store has of exactly this configuration. */
export async function trainMethod(
  store: Store,
  { name, config }: ComparedMethod,
  options: { output: Output; isResuming: boolean; acceptChangedData: boolean },
): Promise<RunRecord> {
  const { output } = options;
  const known = options.isResuming ? findSame(store, config) : undefined;
  if (known?.status === 'finished') {
    output.note(`${name}: run ${known.id} "${known.name}" is trained already.`);
    return known;
  }
  const announce = (run: RunRecord) =>
    output.note(`${name}: ${known ? 'continuing' : 'training'} run ${run.id}, preset ${config.preset}.`);
  if (!known) return trainNewRun(store, { name: `compare ${name}`, config }, { output, announce });
  announce(known);
  return followTraining(store, { id: known.id, acceptChangedData: options.acceptChangedData }, output);
}

/** @throws UsageError when methods would be scored on different images. */
export function assertComparable(methods: readonly ComparedMethod[]): void {
  if (methods.length === 0) throw new UsageError('There is no method to compare: name presets by --methods.');
  const sizes = new Set(methods.map(({ config }) => config.data.imageSize));
  if (sizes.size > 1) {
    throw new UsageError(
      `Methods compare on images of one size, found ${[...sizes].join(' and ')} pixels: add --set data.imageSize=N.`,
    );
  }
}

/** The newest run of the configuration that is finished, else one that can be resumed. */
function findSame(store: Store, config: RunConfig): RunRecord | undefined {
  const same = listRuns(store.db).filter((run) => JSON.stringify(run.config) === JSON.stringify(config));
  const resumable = ['paused', 'interrupted', 'stopped', 'queued'];
  return (
    same.find(({ status }) => status === 'finished') ?? same.find(({ status }) => resumable.includes(status))
  );
}

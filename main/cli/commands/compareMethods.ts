/** lab compare-methods: trains every method on the same budget and scores all with one protocol. */

import { type RunConfig, withoutMeasurement } from '../../../shared/config/config.ts';
import { applyBudget } from '../../../shared/config/longerBudget.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { Evaluation } from '../../../shared/metric.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { type ClassicalMemory, createClassicalMemory } from '../../jobs/evaluationJob.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import { listRuns } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { type CommandDefinition, type Invocation, type OptionValues, UsageError } from '../command.ts';
import { applyOverrides, requirePreset } from '../configOptions.ts';
import { formatColumns } from '../format.ts';
import { newestCheckpoint, withCreatedStore } from '../labStore.ts';
import { methodLines, type MethodResult, methodsMarkdown, methodsNote, renameRows } from '../methodsTable.ts';
import {
  changedDataName,
  changedDataOption,
  flagOption,
  readFlag,
  readInteger,
  readPositive,
  readText,
  readTexts,
  valueOption,
} from '../options.ts';
import type { Output } from '../output.ts';
import { writeTables } from '../reportFiles.ts';
import { evaluateInProcess } from '../resultSession.ts';
import { dataOptions, readSamplingJob, readScoredData } from '../samplingOptions.ts';
import { followTraining, reportEnd, trainNewRun } from '../trainingSession.ts';
import { absoluteSource, checkOutFolder } from '../typedPaths.ts';

/** The methods compared without --methods: one network, trained with three objectives. */
const defaultMethods = ['flow', 'denoiser', 'score'];
/** Presets of the methods that have another name. */
const presetNames: Readonly<Record<string, string>> = { flow: 'tiny' };
const defaultMinutes = 3;
const defaultSamples = 8;
const defaultImages = 100;

/** A method with its run and the complete evaluation. */
interface Measured extends MethodResult {
  readonly run: RunRecord;
  readonly evaluation: Evaluation;
}

export const compareMethods: CommandDefinition = {
  usage: '[--budget M] [--data SOURCE] [--methods flow,denoiser,score] [--out FOLDER]',
  options: {
    budget: valueOption('M', 'Minutes of training for each method.', String(defaultMinutes)),
    methods: valueOption('a,b,c', 'Methods or presets.', defaultMethods.join(',')),
    resume: flagOption('Continue runs of the same configuration; finished ones are not trained again.'),
    images: valueOption('N', 'Number of images, from the start of the split.', String(defaultImages)),
    samples: valueOption('K', 'Samples per image.', String(defaultSamples)),
    seed: valueOption('S', 'Seed of the initial noise.', '0'),
    set: {
      ...valueOption('path=value', 'Set a parameter of every preset; may be repeated.'),
      multiple: true,
    },
    ...dataOptions,
    ...changedDataOption,
    out: valueOption('FOLDER', 'Folder to also write the tables to, as Markdown, CSV and JSON.'),
  },
  positionals: { min: 0, max: 0 },
  run: (invocation) => {
    const { values, output } = invocation;
    const out = readText(values, 'out');
    const folder = out === undefined ? undefined : checkOutFolder(out);
    const methods = readMethods(values, output);
    assertComparable(methods);
    // Masks that a network cannot be given are refused before any training.
    methods.forEach(({ config }) => readScoredData(values, config));
    return withCreatedStore(invocation, async (store) => {
      const results: Measured[] = [];
      const memory = createClassicalMemory();
      for (const method of methods) {
        const run = await trainMethod(store, method, {
          output,
          isResuming: readFlag(values, 'resume'),
          acceptChangedData: readFlag(values, changedDataName),
        });
        if (run.status === 'finished') {
          results.push(await measure(store, { method, run, memory }, invocation));
          continue;
        }
        const code = reportEnd(run, output);
        // A failed method does not stop the others; an interruption stops all of them.
        if (code !== 1) return code || (requestedExitCode() ?? 1);
      }
      if (results.length > 0) report(results, { invocation, folder });
      return results.length === methods.length ? 0 : 1;
    });
  },
};

async function measure(
  store: Store,
  { method, run, memory }: { method: ComparedMethod; run: RunRecord; memory: ClassicalMemory },
  { values, output }: Invocation,
): Promise<Measured> {
  const { path, step } = newestCheckpoint(store, run);
  const job = {
    ...readSamplingJob(values, run, path),
    images: readInteger(values, 'images') ?? defaultImages,
    samples: readInteger(values, 'samples', 2) ?? defaultSamples,
  };
  const evaluation = await evaluateInProcess(job, output, { store, runId: run.id, step, memory });
  const rows = evaluation.rows.filter(({ nfe }) => nfe > 0);
  const { name, config } = method;
  return { name, config, trainingSeconds: run.processSeconds, rows, run, evaluation };
}

function report(
  results: readonly Measured[],
  { invocation, folder }: { invocation: Invocation; folder: string | undefined },
): void {
  const { output } = invocation;
  const comparison = combine(results);
  output.text(comparisonText(comparison));
  output.text(formatColumns(methodLines(results)));
  output.text(methodsNote(results));
  const methods = results.map(({ name, run }) => ({ name, run: run.id, preset: run.preset, step: run.step }));
  output.json({ event: 'done', methods, ...comparison });
  if (folder === undefined) return;
  const more = [{ name: 'methods.md', text: methodsMarkdown(results) }];
  output.text(writeTables(folder, { evaluations: [comparison], more }).join('\n'));
}

/** Returns one table: the classical methods once, then the rows of each method. @throws Error when the protocols differ. */
function combine(results: readonly Measured[]): Evaluation {
  const [{ evaluation }] = results;
  const protocols = new Set(results.map((result) => JSON.stringify(result.evaluation.protocol)));
  if (protocols.size > 1) {
    throw new Error(
      `The methods were scored with ${protocols.size} different protocols, expected 1: ${[...protocols].join(' and ')}. Pass --keep and --data, which apply to all methods.`,
    );
  }
  const classical = evaluation.rows.filter(({ nfe }) => nfe === 0);
  return { protocol: evaluation.protocol, rows: [...classical, ...results.flatMap(renameRows)] };
}

interface ComparedMethod {
  readonly name: string;
  readonly config: RunConfig;
}

/**
 * Returns the methods with their configurations, all on the same budget. Default methods without a preset are left out,
 * with a note.
 * @throws UsageError when a method named by --methods has no preset.
 */
export function readMethods(values: OptionValues, output: Pick<Output, 'note'>): ComparedMethod[] {
  const text = readText(values, 'methods');
  const names =
    text === undefined ? defaultMethods : [...new Set(text.split(',').map((name) => name.trim()))];
  const minutes = readPositive(values, 'budget') ?? defaultMinutes;
  return names.flatMap((name) => {
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

/** Trains the method; with `isResuming`, continues a run of exactly this configuration if there is one. */
async function trainMethod(
  store: Store,
  { name, config }: ComparedMethod,
  options: { output: Output; isResuming: boolean; acceptChangedData: boolean },
): Promise<RunRecord> {
  const { output } = options;
  const known = options.isResuming ? findSame(store, config) : undefined;
  if (known?.status === 'finished') {
    output.note(`${name}: run ${known.id} "${known.name}" has already finished training.`);
    return known;
  }
  const announce = (run: RunRecord) =>
    output.note(`${name}: ${known ? 'continuing' : 'training'} run ${run.id}, preset ${config.preset}.`);
  if (!known) return trainNewRun(store, { name: `compare ${name}`, config }, { output, announce });
  announce(known);
  return followTraining(store, { id: known.id, acceptChangedData: options.acceptChangedData }, output);
}

/** @throws UsageError when the methods would be scored on images of different sizes. */
function assertComparable(methods: readonly ComparedMethod[]): void {
  if (methods.length === 0)
    throw new UsageError('There is no method to compare. Name presets with --methods.');
  const sizes = new Set(methods.map(({ config }) => config.data.imageSize));
  if (sizes.size > 1) {
    throw new UsageError(
      `The methods use images of ${[...sizes].join(' and ')} pixels; one size is needed. Add --set data.imageSize=N.`,
    );
  }
}

/** Returns the newest finished run of the configuration, otherwise one that can be resumed. */
function findSame(store: Store, config: RunConfig): RunRecord | undefined {
  const requested = JSON.stringify(config);
  const same = listRuns(store.db).filter(
    (run) => JSON.stringify(withoutMeasurement(run.config)) === requested,
  );
  const resumable = ['paused', 'interrupted', 'stopped', 'queued'];
  return (
    same.find(({ status }) => status === 'finished') ?? same.find(({ status }) => resumable.includes(status))
  );
}

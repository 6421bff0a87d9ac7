/** lab compare-methods: every method on one budget, scored by one protocol. */

import type { Evaluation } from '../../../shared/metric.ts';
import { methodLines, type MethodResult, methodsMarkdown, methodsNote, renameRows } from '../methodsTable.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import type { Store } from '../../store/store.ts';
import type { Command, Invocation } from '../command.ts';
import { assertComparable, type ComparedMethod, readMethods, trainMethod } from '../comparedMethods.ts';
import { formatColumns } from '../format.ts';
import { newestCheckpoint, withCreatedStore } from '../lab.ts';
import {
  changedDataName,
  changedDataOption,
  flagOption,
  readFlag,
  readInteger,
  readText,
  valueOption,
} from '../options.ts';
import { checkOutFolder } from '../outFolder.ts';
import { evaluateInProcess } from '../resultSession.ts';
import { dataOptions, readSamplingJob } from '../samplingOptions.ts';
import { reportEnd } from '../trainingSession.ts';
import { writeTables } from '../writeTables.ts';

const usualSamples = 8;
const usualImages = 100;

/** A method with its run and the whole evaluation it stands in. */
interface Measured extends MethodResult {
  readonly run: RunRecord;
  readonly evaluation: Evaluation;
}

export const compareMethods: Command = {
  name: 'compare-methods',
  summary: 'Train every method on one budget, score all on the same images and masks, print one table.',
  usage: '[--budget M] [--data SOURCE] [--methods flow,denoiser,score] [--out FOLDER]',
  options: {
    budget: valueOption('M', 'Minutes of training for each method (default 3).'),
    methods: valueOption('a,b,c', 'Methods or presets (default flow,denoiser,score).'),
    resume: flagOption('Take up runs of the same configuration; finished ones are not trained again.'),
    images: valueOption('N', `Images from the start of the split (default ${usualImages}).`),
    samples: valueOption('K', `Samples an image (default ${usualSamples}).`),
    seed: valueOption('S', 'Seed of the starting noise (default 0).'),
    set: {
      ...valueOption('path=value', 'Set one parameter of every preset; may be repeated.'),
      multiple: true,
    },
    ...dataOptions,
    ...changedDataOption,
    out: valueOption('FOLDER', 'Also write the tables as Markdown, CSV and JSON there.'),
  },
  positionals: { min: 0, max: 0 },
  run: (invocation) => {
    const { values, output } = invocation;
    const out = readText(values, 'out');
    const folder = out === undefined ? undefined : checkOutFolder(out);
    const methods = readMethods(values, output);
    assertComparable(methods);
    return withCreatedStore(invocation, async (store) => {
      const results: Measured[] = [];
      for (const method of methods) {
        const run = await trainMethod(store, method, {
          output,
          isResuming: readFlag(values, 'resume'),
          acceptChangedData: readFlag(values, changedDataName),
        });
        if (run.status === 'finished') {
          results.push(await measure(store, { method, run }, invocation));
          continue;
        }
        const code = reportEnd(run, output);
        // A method that failed does not take the others with it; an interruption was meant for all.
        if (code !== 1) return code || (requestedExitCode() ?? 1);
      }
      if (results.length > 0) report(results, { invocation, folder });
      return results.length === methods.length ? 0 : 1;
    });
  },
};

async function measure(
  store: Store,
  { method, run }: { method: ComparedMethod; run: RunRecord },
  { values, output }: Invocation,
): Promise<Measured> {
  const { path, step } = newestCheckpoint(store, run);
  const job = {
    ...readSamplingJob(values, run, path),
    images: readInteger(values, 'images') ?? usualImages,
    samples: readInteger(values, 'samples', 2) ?? usualSamples,
  };
  const evaluation = await evaluateInProcess(job, output, { store, runId: run.id, step });
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

/** One table: the classical methods once, then the rows of each method. @throws Error when the protocols differ. */
function combine(results: readonly Measured[]): Evaluation {
  const [{ evaluation }] = results;
  const protocols = new Set(results.map((result) => JSON.stringify(result.evaluation.protocol)));
  if (protocols.size > 1) {
    throw new Error(
      `The methods were scored by ${protocols.size} protocols, one expected: ${[...protocols].join(' and ')}. Say --keep and --data for all.`,
    );
  }
  const classical = evaluation.rows.filter(({ nfe }) => nfe === 0);
  return { protocol: evaluation.protocol, rows: [...classical, ...results.flatMap(renameRows)] };
}

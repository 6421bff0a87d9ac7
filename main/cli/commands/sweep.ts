/** lab sweep */

import { dirname, join, resolve } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readingOf } from '../../../shared/config/config.ts';
import { formatBytes, formatMoment, formatPlural } from '../../../shared/text/format.ts';
import { describeTime } from '../../../shared/text/timeRange.ts';
import { bundleEnding, bundleFileName } from '../../../shared/runBundle.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import { pathsOf, type SweepRecord, type SweepSpec } from '../../../shared/sweep/sweep.ts';
import type { SweepDetail, SweepPlan, SweepSummary } from '../../../shared/sweep/sweepViews.ts';
import { formatSwept, shortPath } from '../../../shared/sweep/expandSweep.ts';
import {
  describeImportance,
  describeRungs,
  describeVerdict,
  formatScore,
  settingsTable,
} from '../../../shared/sweep/sweepText.ts';
import { describeRung } from '../../../shared/sweep/halving.ts';
import { checkDataSource } from '../../datasets/registry.ts';
import { planSweep } from '../../ipc/requests/planSweep.ts';
import { defaultLanes } from '../../jobs/laneShare.ts';
import { describeSweep, readSweepFacts, summariseSweep } from '../../jobs/sweeps/sweepState.ts';
import { exportRun } from '../../store/bundle/exportRun.ts';
import { exportSweep } from '../../store/bundle/sweepBundle.ts';
import { quoteWord } from '../../../shared/config/trainCommand.ts';
import { findBundle, importSweepAt } from './import.ts';
import { prepareOutputFolder } from '../../store/files/atomicFile.ts';
import {
  requestSweepEnd,
  createSweep,
  deleteSweep,
  findSweep,
  getSweep,
  listRungScores,
  listSweeps,
} from '../../store/sweeps.ts';
import type { Store } from '../../store/store.ts';
import { type CommandDefinition, type Invocation, readVersion, UsageError } from '../command.ts';
import { formatColumns } from '../format.ts';
import { cacheFolder, withCreatedStore, withPlannedStore, withStore } from '../labStore.ts';
import { readFlag, readText } from '../options.ts';
import { readParallel, readSweep, sweepOptions } from '../sweep/sweepOptions.ts';
import {
  type ClusterAction,
  isForCluster,
  readSlurmOptions,
  runClusterAction,
  slurmOptions,
} from '../sweep/onCluster.ts';
import { computeSweep } from '../sweep/sweepSession.ts';
import { checkOutFolder } from '../typedPaths.ts';

export const sweep: CommandDefinition = {
  usage:
    '[file] [--vary path=values]… [--steps N] [--parallel N] [--dry-run] [--on slurm] | list | show <sweep> | resume <sweep> | pause <sweep> | stop <sweep> | export <sweep> | import <file> | delete <sweep> | status <sweep> | collect <sweep> | cancel <sweep> | retry <sweep> | submit <sweep>',
  arguments: {
    '[file]': 'A sweep in JSON, in place of --vary and the options of the runs; see docs/sweeps.md.',
    list: 'List the sweeps, newest first.',
    'show <sweep>': 'Results, which setting wins and how surely, and what failed.',
    'resume <sweep>': 'Continue a sweep: finished runs are kept, failed ones tried again; retry is the same.',
    'status <sweep>':
      'On a cluster: which runs wait, train, failed (with their last lines) or are done; here as show.',
    'collect <sweep>': 'On a cluster: import the runs that have finished and are not here yet.',
    'cancel <sweep>': 'On a cluster: end all tasks; their checkpoints stay, and retry continues them.',
    'submit <sweep>': 'Submit a sweep that was created but could not be submitted.',
    'pause <sweep>':
      'Pause a sweep that another process computes; stop ends it, and resume continues either.',
    'export <sweep>':
      'Write the sweep with its runs to --out: a folder with a table and a file for each run, or one file NAME.sparsefield.',
    'import <file>': 'Import the one file of a sweep; runs that are here already are left out.',
    'delete <sweep>': 'Delete the sweep; its runs stay.',
  },
  options: { ...sweepOptions, ...slurmOptions },
  positionals: { min: 0, max: 2 },
  run: (invocation) => {
    const [word, reference] = invocation.positionals;
    const action = Object.hasOwn(actions, word ?? '') ? actions[word] : undefined;
    if (action) {
      if ((action.takes === null) !== (reference === undefined))
        throw new UsageError(
          `"lab sweep ${word}" ${action.takes === null ? 'takes no argument' : `needs ${action.takes}`}.`,
        );
      return action.run(invocation, reference);
    }
    if (reference !== undefined)
      throw new UsageError(
        `No action "${word}". Choose one of ${Object.keys(actions).join(', ')}, or give one file.`,
      );
    return runNew(invocation, word);
  },
};

interface Action {
  /** What follows the action; null: nothing. */
  readonly takes: string | null;
  run(invocation: Invocation, reference: string): Promise<number>;
}

/** An action on a stored sweep. */
interface SweepAction extends Action {
  readonly work: SweepWork;
}

type SweepWork = (store: Store, found: SweepRecord, invocation: Invocation) => Promise<number> | number;

const onSweep = (work: SweepWork): SweepAction => ({
  takes: 'a sweep: its ID, its name or latest',
  work,
  run: (invocation, reference) =>
    withStore(invocation, (store) => work(store, findSweep(store.db, reference), invocation)),
});

const show = onSweep((store, found, { output }) => {
  const detail = describeSweep(readSweepFacts(store, found));
  output.json(detail);
  output.text(describeDetail(detail));
  return 0;
});

const onCluster = (action: ClusterAction): SweepAction =>
  onSweep((store, { id }, { values, output }) => runClusterAction(store, id, { action, values, output }));

/** Chooses between the two places where a sweep may be computed. */
const byPlace = (here: SweepAction, there: SweepAction): SweepAction =>
  onSweep((store, found, invocation) =>
    (found.place.kind === 'local' ? here : there).work(store, found, invocation),
  );

const resumeHere = onSweep((store, { id }, { values, output }) =>
  computeSweep(store, id, { lanes: readParallel(values) ?? defaultLanes(store.db), output }),
);

const resume = byPlace(resumeHere, onCluster('retry'));

const endBy = (how: 'pause' | 'stop') =>
  onSweep((store, { id, name }, { output }) => {
    const isElsewhere = requestSweepEnd(store.db, id, how);
    output.text(
      isElsewhere
        ? `The process that computes "${name}" ${how === 'pause' ? 'pauses' : 'stops'} it within seconds.`
        : `No process computes "${name}"; it is ${how === 'pause' ? 'paused' : 'stopped'}.`,
    );
    output.json({ sweep: id, requested: how });
    return 0;
  });

const actions: Readonly<Record<string, Action>> = {
  list: {
    takes: null,
    run: (invocation) => withStore(invocation, (store) => listAll(store, invocation)),
  },
  show,
  status: byPlace(show, onCluster('status')),
  resume,
  retry: resume,
  pause: byPlace(endBy('pause'), onCluster('cancel')),
  stop: byPlace(endBy('stop'), onCluster('cancel')),
  submit: onCluster('submit'),
  collect: onCluster('collect'),
  cancel: onCluster('cancel'),
  export: onSweep((store, found, invocation) => exportFolder(store, found, invocation)),
  import: {
    takes: 'the file of a sweep',
    run: (invocation, file) => {
      const path = findBundle(file);
      return withCreatedStore(invocation, (store) => {
        invocation.output.json(importSweepAt(store, path, invocation));
        return 0;
      });
    },
  },
  delete: onSweep((store, { id, name }, { output }) => {
    deleteSweep(store, id);
    output.text(`The sweep "${name}" was deleted. Its runs are unchanged.`);
    output.json({ deleted: id });
    return 0;
  }),
};

async function runNew(invocation: Invocation, file: string | undefined): Promise<number> {
  const { values, output } = invocation;
  const spec = readSweep(values, file);
  const isCluster = isForCluster(values);
  if (isCluster) readSlurmOptions(values);
  if (readFlag(values, 'dry-run'))
    return withPlannedStore(invocation, (store) => {
      announcePlan(store, spec, invocation);
      return 0;
    });
  if (isCluster) return withCreatedStore(invocation, (store) => submitNew(store, spec, invocation));
  return withCreatedStore(invocation, async (store) => {
    await checkDataSource(spec.base.data.source, {
      ...readingOf(spec.base.data),
      cacheFolder: cacheFolder(),
    });
    const lanes = announcePlan(store, spec, invocation);
    const { id, name } = createSweep(store.db, spec);
    output.note(`Sweep ${id} "${name}"`);
    output.json({ event: 'created', sweep: id, name });
    return computeSweep(store, id, { lanes, output });
  });
}

/** Stores a sweep and submits it. Without a connection it stays, and can be submitted later. */
async function submitNew(store: Store, spec: SweepSpec, { values, output }: Invocation): Promise<number> {
  const { id, name } = createSweep(store.db, spec);
  output.note(`Sweep ${id} "${name}"`);
  output.json({ event: 'created', sweep: id, name });
  try {
    return await runClusterAction(store, id, { action: 'submit', values, output });
  } catch (error) {
    const again = getSweep(store.db, id).place.kind === 'local' ? 'submit' : 'retry';
    output.note(`The sweep is kept. Once that is solved: lab sweep ${again} ${id}`);
    throw error;
  }
}

/** Prints what the sweep computes, and returns the number of runs at a time. */
function announcePlan(store: Store, spec: SweepSpec, { values, output }: Invocation): number {
  const lanes = readParallel(values) ?? defaultLanes(store.db);
  const plan = planSweep({ store, report: null }, spec, { lanes, trainImages: null });
  output.json({ event: 'planned', ...plan });
  output.text(describePlan(plan, spec));
  for (const warning of plan.warnings) output.note(`Warning: ${warning}`);
  return lanes;
}

/** Runs that the table of a plan shows. */
const mostShown = 30;

function describePlan(plan: SweepPlan, spec: SweepSpec): string {
  const paths = spec.axes.flatMap(pathsOf);
  const heading = ['run', ...paths.map((path) => shortPath(path, paths)), 'seed'];
  const rows = plan.list
    .slice(0, mostShown)
    .map(({ index, values, seed }) => [
      String(index + 1),
      ...paths.map((path) => formatSwept(values[path])),
      String(seed),
    ]);
  const more = plan.members - rows.length;
  const rungs = plan.rungs.length > 1 ? [`Scored after ${plan.rungs.map(describeRung).join(', ')}.`] : [];
  return [
    formatColumns([heading, ...rows]),
    ...(more > 0 ? [`… and ${formatPlural(more, 'more run', 'more runs')}.`] : []),
    `${formatPlural(plan.members, 'run')}: ${formatPlural(plan.settings, 'setting')}, ${formatPlural(plan.seeds, 'seed')} each, ${plan.lanes} at a time.`,
    ...rungs,
    `Time: ${describeTime(plan.time)}. ${plan.time.explanation}`,
    `Disk: about ${formatBytes(plan.bytes)} of checkpoints${plan.freeBytes === null ? '' : `, ${formatBytes(plan.freeBytes)} free`}.`,
  ].join('\n');
}

function listAll(store: Store, { output }: Invocation): number {
  const found = listSweeps(store.db).map((record) => summariseSweep(readSweepFacts(store, record)));
  output.json({ sweeps: found });
  if (found.length === 0) {
    output.text('No sweeps yet. "lab help sweep" shows how to start one.');
    return 0;
  }
  const headings = ['id', 'name', 'state', 'done', 'varies', 'created'];
  const rows = found.map((each) => [
    each.id,
    each.name,
    each.state,
    `${each.members.done} of ${countMembers(each)}`,
    each.paths.join(' ') || 'seed',
    formatMoment(each.createdAt),
  ]);
  output.text(formatColumns([headings, ...rows]));
  return 0;
}

function countMembers({ members }: SweepSummary): number {
  return Object.values(members).reduce((sum, count) => sum + count, 0);
}

function describeDetail(detail: SweepDetail): string {
  const { id, name, state, error, members, spec, analysis, list } = detail;
  const counts = Object.entries(members).flatMap(([each, count]) => (count > 0 ? [`${count} ${each}`] : []));
  const troubled = list.filter(({ state: each, reason }) => each === 'failed' && reason !== null);
  const importance = describeImportance(analysis.importance);
  const rungs = describeRungs(detail);
  return [
    `Sweep ${id} "${name}" is ${state}: ${counts.join(', ')}.`,
    ...(error === null ? [] : [error]),
    '',
    formatColumns(settingsTable(analysis, spec)),
    '',
    describeVerdict(analysis, spec),
    ...(rungs.length > 0 ? ['', 'Scored after', ...rungs.map((line) => `  ${line}`)] : []),
    ...(importance.length > 0 ? ['', 'What matters:', ...importance.map((line) => `  ${line}`)] : []),
    ...(troubled.length > 0
      ? [
          '',
          'Failed:',
          ...troubled.map(({ name: member, runId, reason }) => `  ${runId ?? ''} ${member}: ${reason}`),
        ]
      : []),
  ].join('\n');
}

/** Writes `sweep.json`, `results.csv` and the file of every run. */
function exportFolder(store: Store, found: SweepRecord, { values, output }: Invocation): number {
  const out = readText(values, 'out');
  if (out === undefined)
    throw new UsageError(
      '"lab sweep export" needs a place: --out FOLDER, or --out NAME.sparsefield for one file.',
    );
  if (out.endsWith(bundleEnding)) return exportAsFile(store, found, { out, output });
  const folder = checkOutFolder(out);
  prepareOutputFolder(folder);
  mkdirSync(join(folder, 'runs'), { recursive: true });
  const detail = describeSweep(readSweepFacts(store, found));
  const { id, name, createdAt, spec } = found;
  const record = { format: 'sparse-field-lab-sweep', version: 1, id, name, createdAt, spec };
  writeFileSync(
    join(folder, 'sweep.json'),
    `${stringifyJson({ ...record, scores: listRungScores(store.db, id) }, 2)}\n`,
  );
  writeFileSync(join(folder, 'results.csv'), resultsCsv(detail));
  const runs = detail.list.flatMap(({ runId, index }) => (runId === null ? [] : [{ runId, index }]));
  for (const { runId, index } of runs) {
    const path = join(folder, 'runs', bundleFileName(`${String(index + 1).padStart(4, '0')} ${runId}`));
    exportRun(store, { runId, path, checkpoints: 'newest', appVersion: readVersion() });
    output.progress(`${index + 1} of ${detail.list.length}`);
  }
  output.text(`The sweep "${name}" was written to ${folder}, with ${formatPlural(runs.length, 'run')}.`);
  output.json({ sweep: id, folder, runs: runs.length });
  return 0;
}

/** Writes the sweep and all of its runs as one file. */
function exportAsFile(
  store: Store,
  { id, name }: SweepRecord,
  { out, output }: { readonly out: string } & Pick<Invocation, 'output'>,
): number {
  const path = resolve(out);
  prepareOutputFolder(dirname(path));
  const { runs, bytes } = exportSweep(store, {
    sweepId: id,
    path,
    checkpoints: 'newest',
    appVersion: readVersion(),
    onRun: (done, all) => output.progress(`${done} of ${all}`),
  });
  output.text(
    `The sweep "${name}" was written to ${path} (${formatBytes(bytes)}), with ${formatPlural(runs, 'run')}. Import it with: lab sweep import ${quoteWord(path)}`,
  );
  output.json({ sweep: id, file: path, runs, bytes });
  return 0;
}

function resultsCsv({ list, spec }: SweepDetail): string {
  const paths = spec.axes.flatMap(pathsOf);
  const { metric } = spec.objective;
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = list.map(({ index, values, seed, runId, state, step, processSeconds, score, nfe }) => [
    String(index + 1),
    ...paths.map((path) => formatSwept(values[path])),
    String(seed),
    runId ?? '',
    state,
    String(step),
    processSeconds.toFixed(1),
    score === null ? '' : formatScore(score, metric).split(' ')[0],
    nfe === null ? '' : String(nfe),
  ]);
  const heading = ['run', ...paths, 'seed', 'id', 'state', 'step', 'seconds', metric, 'nfe'];
  return [heading, ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('');
}

/** Sweeps of this laboratory whose members are computed on a cluster: submit, look, import what has finished, cancel. */

import { existsSync } from 'node:fs';
import { parseDataSource, pathOfSource } from '../../shared/dataset.ts';
import { bundleFileName, bundleEnding } from '../../shared/runBundle.ts';
import { listMembers } from '../../shared/sweep/expandSweep.ts';
import {
  type ClusterReport,
  type ClusterTask,
  type Collection,
  type SlurmOptions,
  type SlurmPlace,
  type TaskStatus,
} from '../../shared/sweep/slurm.ts';
import type { SweepRecord } from '../../shared/sweep/sweep.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { formatPlural } from '../../shared/text/format.ts';
import { findRoot } from '../runtime/typedPath.ts';
import { importFile, RunIsHereError } from '../store/bundle/importRun.ts';
import type { Store } from '../store/store.ts';
import { getRun } from '../store/runs/runs.ts';
import { changeTags, recordSweep } from '../store/runs/runMarks.ts';
import { getSweep, listMemberRuns, recordRungScore, setSweepPlace, setSweepState } from '../store/sweeps.ts';
import { type AgentAnswer, type ClusterAccess, localAccess, sshAccess } from './access.ts';
import { hashFile, type SweepFile } from './sweepFolder.ts';

export interface ClusterTools {
  readonly store: Store;
  readonly appVersion: string;
  /** `program`: absolute, there. */
  readonly accessOf: (host: string | null, program: string) => ClusterAccess;
}

export function createClusterTools(store: Store, appVersion: string): ClusterTools {
  return {
    store,
    appVersion,
    accessOf: (host, program) => (host === null ? localAccess(appVersion) : sshAccess(host, program)),
  };
}

const usualFolder = '~/sparse-field-lab-sweeps';

/**
 * Submits a sweep, or what of it is not submitted yet. Where its tasks will run is stored before anything is sent, so that
 * after any end of the connection the same folder is found again.
 * @throws Error when the sweep has runs of this machine, or the cluster cannot be reached or refuses it.
 */
export async function submitSweep(
  tools: ClusterTools,
  id: string,
  options: SlurmOptions,
): Promise<ClusterReport> {
  const { store, accessOf } = tools;
  const sweep = getSweep(store.db, id);
  if (sweep.place.kind === 'slurm') return submitAgain(tools, id, options);
  assertNotStarted(store, sweep);
  const given = options.program ?? (options.host === null ? findRoot(import.meta.dirname) : null);
  if (given === null)
    throw new Error(
      `No program is named for ${options.host}. Prepare a checkout there with npm run setup, and name its folder with --program.`,
    );
  const access = accessOf(options.host, given);
  const program = await access.resolvePath(given);
  const base = await access.resolvePath(options.folder ?? usualFolder);
  // Meanwhile somebody may have started it here.
  assertNotStarted(store, getSweep(store.db, id));
  const place: SlurmPlace = { kind: 'slurm', folder: `${base}/${nameFolder(sweep)}`, program, options };
  setSweepPlace(store.db, id, place);
  setSweepState(store.db, id, { state: 'running' });
  return send(tools, { ...sweep, place }, place, 'submit');
}

function assertNotStarted({ db }: Store, { id, name, state }: SweepRecord): void {
  if (state === 'idle' && listMemberRuns(db, id).length === 0) return;
  throw new Error(
    `Sweep ${id} "${name}" has been started on this machine; one that has not been started was expected. Create it again for the cluster.`,
  );
}

/** Submits again what failed or was cancelled. `options`: replace those of the first time, but for host, folder and program. */
export async function submitAgain(
  tools: ClusterTools,
  id: string,
  options?: SlurmOptions,
): Promise<ClusterReport> {
  const { store } = tools;
  const sweep = getSweep(store.db, id);
  const before = requirePlace(sweep);
  const { host, folder, program } = before.options;
  const place = { ...before, options: options ? { ...options, host, folder, program } : before.options };
  setSweepPlace(store.db, id, place);
  setSweepState(store.db, id, { state: 'running' });
  return send(tools, { ...sweep, place }, place, 'retry');
}

async function send(
  tools: ClusterTools,
  sweep: SweepRecord,
  place: SlurmPlace,
  action: 'submit' | 'retry',
): Promise<ClusterReport> {
  const access = tools.accessOf(place.options.host, place.program);
  await access.create(place.folder, describeSweepFile(sweep, place, tools.appVersion));
  return report(tools, sweep.id, place, await access.act(place.folder, action));
}

function describeSweepFile(sweep: SweepRecord, place: SlurmPlace, appVersion: string): SweepFile {
  const { id, createdAt, spec } = sweep;
  const { program, options } = place;
  const source = options.data ?? spec.base.data.source;
  const base = { ...spec.base, data: { ...spec.base.data, source } };
  const members = listMembers(spec).length;
  const format = 'sparse-field-lab sweep on slurm';
  return {
    format,
    version: 1,
    id,
    createdAt,
    appVersion,
    members,
    program,
    options,
    spec: { ...spec, base },
  };
}

/** Returns how far a sweep is. */
export async function readStatus(tools: ClusterTools, id: string): Promise<ClusterReport> {
  const place = requirePlace(getSweep(tools.store.db, id));
  return report(
    tools,
    id,
    place,
    await tools.accessOf(place.options.host, place.program).act(place.folder, 'status'),
  );
}

/** Ends all tasks of a sweep. Their checkpoints stay on the cluster. */
export async function cancelSweep(tools: ClusterTools, id: string): Promise<ClusterReport> {
  const place = requirePlace(getSweep(tools.store.db, id));
  const answer = await tools.accessOf(place.options.host, place.program).act(place.folder, 'cancel');
  setSweepState(tools.store.db, id, { state: 'stopped' });
  return report(tools, id, place, answer);
}

function requirePlace({ id, name, place }: SweepRecord): SlurmPlace {
  if (place.kind === 'slurm') return place;
  throw new Error(
    `Sweep ${id} "${name}" is computed on this machine; one on a cluster was expected. Submit one with lab sweep … --on slurm.`,
  );
}

function report(
  { store, appVersion }: ClusterTools,
  id: string,
  place: SlurmPlace,
  answer: AgentAnswer,
): ClusterReport {
  const collected = listMemberRuns(store.db, id).map(({ member }) => member);
  const other =
    answer.appVersion === appVersion
      ? []
      : [
          `The program on the cluster is version ${answer.appVersion}, and this one ${appVersion}. Bring both to one version.`,
        ];
  return { ...answer.status, messages: [...other, ...answer.status.messages], place, collected };
}

/** Run files that are fetched at once. */
const batchSize = 16;
/**
 * Imports the runs that have finished and are not here yet. May be called as often as one likes. Where nothing is left to compute,
 * the sweep is finished, or paused if runs failed. `isWanted`: asked after every wait; the store is left alone from the first no on.
 */
export async function collectSweep(
  tools: ClusterTools,
  id: string,
  isWanted: () => boolean = () => true,
): Promise<Collection> {
  const { store, accessOf } = tools;
  const sweep = getSweep(store.db, id);
  const place = requirePlace(sweep);
  const access = accessOf(place.options.host, place.program);
  const answer = await access.act(place.folder, 'status');
  assertWanted(isWanted);
  const { tasks, living } = answer.status;
  // A run that waits may still be continued, as long as a task is at work.
  const isOver =
    tasks.every(({ status }) => status === 'done') ||
    (living === 0 && tasks.every(({ status }) => status === 'done' || status === 'waiting'));
  const here = new Set(listMemberRuns(store.db, id).map(({ member }) => member));
  const ready = tasks.filter(
    ({ member, status, result }) =>
      result !== null && !here.has(member) && (status === 'done' || (isOver && status === 'waiting')),
  );
  const imported: Collection['imported'][number][] = [];
  const refused: Collection['refused'][number][] = [];
  for (let first = 0; first < ready.length; first += batchSize) {
    const batch = ready.slice(first, first + batchSize);
    const numbers = batch.map(({ member }) => member);
    await access.withResults(place.folder, numbers, async (pathOf) => {
      for (const task of batch) {
        try {
          const run = await importResult(store, { sweep, task, path: pathOf(task.member), isWanted });
          if (run) imported.push(run);
        } catch (error) {
          assertWanted(isWanted);
          refused.push({ member: task.member, message: describeError(error) });
        }
      }
    });
  }
  assertWanted(isWanted);
  const now = report(tools, id, place, answer);
  if (refused.length === 0) {
    if (isOver) setSweepState(store.db, id, { state: 'finished' });
    else if (living === 0 && getSweep(store.db, id).state === 'running') pauseAtRest(store, id, answer);
  }
  return { ...now, imported, refused };
}

function assertWanted(isWanted: () => boolean): void {
  if (!isWanted()) throw new Error('The results of the cluster are no longer wanted.');
}

/** Pauses a sweep of which Slurm has no task left, although not all runs are done. */
function pauseAtRest({ db }: Store, id: string, { status: { tasks, counts } }: AgentAnswer): void {
  const atRest: readonly TaskStatus[] = ['failed', 'cancelled', 'planned'];
  const isOver = (task: ClusterTask) => ['done', 'waiting', ...atRest].includes(task.status);
  if (!tasks.every(isOver)) return;
  const [failed, cancelled, planned] = atRest.map((status) => counts[status]);
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} ${cancelled === 1 ? 'was' : 'were'} cancelled`] : []),
    ...(planned > 0 ? [`${planned} ${planned === 1 ? 'was' : 'were'} not submitted`] : []),
  ];
  const error = `Of ${formatPlural(tasks.length, 'run')}, ${parts.join(' and ')}. Look at the reasons, then retry.`;
  setSweepState(db, id, { state: 'paused', error });
}

/** Imports the run of a member and links it. Returns null if it is in the trash: the user does not want it. */
async function importResult(
  store: Store,
  {
    sweep,
    task,
    path,
    isWanted,
  }: { sweep: SweepRecord; task: ClusterTask; path: string; isWanted: () => boolean },
): Promise<Collection['imported'][number] | null> {
  const { member, result, scores } = task;
  const found = await hashFile(path);
  assertWanted(isWanted);
  if (found !== result)
    throw new Error(
      `The run file of member ${member} is not the one that its task wrote (SHA-256 ${found.slice(0, 12)}…, expected ${result?.slice(0, 12)}…). Collect again; if it stays so, use lab sweep retry.`,
    );
  const dataSource = findSourceHere(sweep.spec.base.data.source);
  let runId: string;
  try {
    runId = importFile(store, path, { asCopy: false, dataSource }).id;
    changeTags(store, [runId], { add: sweep.spec.tags, remove: [] });
  } catch (error) {
    if (!(error instanceof RunIsHereError)) throw error;
    if (error.isTrashed) return null;
    runId = error.runId;
  }
  recordSweep(store, runId, { sweepId: sweep.id, member });
  for (const each of scores) recordRungScore(store.db, sweep.id, { member, runId, ...each });
  return { member, runId, name: getRun(store.db, runId).name };
}

/** Returns the images of the runs as this machine has them; undefined if a run file names them in a way that all machines know. */
function findSourceHere(source: string): string | undefined {
  const path = pathOfSource(parseDataSource(source));
  return path !== null && existsSync(path) ? source : undefined;
}

function nameFolder({ id, name }: SweepRecord): string {
  const slug = bundleFileName(name).slice(0, -bundleEnding.length).replace(/ +/g, '-');
  return `${slug}-${id}`;
}

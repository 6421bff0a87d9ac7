/** The part of `lab sweep` that is about Slurm: the options of the jobs, and what is done with a submitted sweep. */

import { formatPlural } from '../../../shared/text/format.ts';
import {
  type ClusterReport,
  type SlurmOptions,
  type SlurmOptionsInput,
  slurmOptionsSchema,
  taskStatuses,
} from '../../../shared/sweep/slurm.ts';
import {
  cancelSweep,
  collectSweep,
  createClusterTools,
  readStatus,
  submitAgain,
  submitSweep,
} from '../../cluster/clusterSweeps.ts';
import type { Store } from '../../store/store.ts';
import { type CommandOption, type OptionValues, readVersion, UsageError } from '../command.ts';
import { formatColumns } from '../format.ts';
import { readChoice, readInteger, readText, readTexts, valueOption } from '../options.ts';
import type { Output } from '../output.ts';

/** Options of `lab sweep` that describe the jobs on a cluster. */
export const slurmOptions = {
  on: valueOption('PLACE', 'Where the runs are computed: here, or on a cluster with slurm.', 'here'),
  host: valueOption('HOST', 'Login node as ssh knows it, with a key and without a password.', 'this machine'),
  folder: valueOption(
    'PATH',
    'Shared folder on the cluster for the sweep’s files.',
    '~/sparse-field-lab-sweeps',
  ),
  program: valueOption(
    'PATH',
    'Checkout on the cluster that npm run setup has prepared.',
    'this one, without --host',
  ),
  'cluster-data': valueOption('SOURCE', 'The images as the nodes find them.', 'those of the sweep'),
  partition: valueOption('NAME', 'Partition of Slurm.'),
  account: valueOption('NAME', 'Account that Slurm charges.'),
  time: valueOption('LIMIT', 'Time limit of a task, such as 90 (minutes), 1:30:00 or 1-12.'),
  cpus: valueOption('N', 'Processors of a task.', '2'),
  memory: valueOption('SIZE', 'Memory of a task, such as 4G.'),
  gpus: valueOption('N', 'Cards of a task: a number or type:number.'),
  'tasks-at-once': valueOption('N', 'Most tasks that run at the same time.', 'as many as the cluster allows'),
  warning: valueOption('SECONDS', 'Time before the limit in which a task writes its checkpoint.', '120'),
  'script-line': {
    ...valueOption('TEXT', 'Line of the batch script, such as "module load cuda"; may be repeated.'),
    multiple: true,
  },
} as const satisfies Record<string, CommandOption>;

/** The option of every field, for messages. */
const optionNames: Readonly<Record<keyof SlurmOptionsInput, keyof typeof slurmOptions>> = {
  host: 'host',
  folder: 'folder',
  program: 'program',
  data: 'cluster-data',
  partition: 'partition',
  account: 'account',
  time: 'time',
  cpus: 'cpus',
  memory: 'memory',
  gpus: 'gpus',
  parallel: 'tasks-at-once',
  warningSeconds: 'warning',
  lines: 'script-line',
};

const places = ['here', 'slurm'] as const;

/** Whether a new sweep is for a cluster. @throws UsageError for options of jobs without `--on slurm`. */
export function isForCluster(values: OptionValues): boolean {
  if (readChoice(values, 'on', places) === 'slurm') return true;
  const [given] = namesOfJobOptions(values);
  if (given !== undefined) throw new UsageError(`--${given} describes jobs on a cluster: add --on slurm.`);
  return false;
}

function namesOfJobOptions(values: OptionValues): string[] {
  return Object.keys(slurmOptions).filter((name) => name !== 'on' && values[name] !== undefined);
}

/** @throws UsageError that names the option, what was found and what was expected. */
export function readSlurmOptions(values: OptionValues): SlurmOptions {
  const input = {
    host: readText(values, 'host'),
    folder: readText(values, 'folder'),
    program: readText(values, 'program'),
    data: readText(values, 'cluster-data'),
    partition: readText(values, 'partition'),
    account: readText(values, 'account'),
    time: readText(values, 'time'),
    cpus: readInteger(values, 'cpus'),
    memory: readText(values, 'memory'),
    gpus: readText(values, 'gpus'),
    parallel: readInteger(values, 'tasks-at-once'),
    warningSeconds: readInteger(values, 'warning', 10),
    lines: readTexts(values, 'script-line'),
  };
  const result = slurmOptionsSchema.safeParse(input);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  const field = path[0] as keyof SlurmOptionsInput;
  const found = field === 'lines' ? input.lines[Number(path[1])] : input[field];
  throw new UsageError(`--${optionNames[field]} is "${found}": ${message}.`);
}

export type ClusterAction = 'submit' | 'status' | 'collect' | 'cancel' | 'retry';

/** Does one thing with a sweep and reports how far it is. Returns the exit code. */
export async function runClusterAction(
  store: Store,
  id: string,
  { action, values, output }: { action: ClusterAction; values: OptionValues; output: Output },
): Promise<number> {
  const tools = createClusterTools(store, readVersion());
  if (action === 'collect') return reportCollection(await collectSweep(tools, id), output);
  const report =
    action === 'submit'
      ? await submitSweep(tools, id, readSlurmOptions(values))
      : action === 'retry'
        ? await submitAgain(
            tools,
            id,
            namesOfJobOptions(values).length > 0 ? readSlurmOptions(values) : undefined,
          )
        : action === 'cancel'
          ? await cancelSweep(tools, id)
          : await readStatus(tools, id);
  reportStatus(report, output);
  output.json(report);
  if (action === 'submit' || action === 'retry')
    output.text(
      `See how far it is with: lab sweep status ${id}\nImport what has finished with: lab sweep collect ${id}`,
    );
  return 0;
}

function reportCollection(collection: Awaited<ReturnType<typeof collectSweep>>, output: Output): number {
  const { imported, refused, collected, tasks } = collection;
  for (const { runId, name } of imported) output.text(`Run ${runId} "${name}" was imported.`);
  for (const { message } of refused) output.note(`lab: ${message}`);
  output.text(`Here: ${collected.length} of ${formatPlural(tasks.length, 'run')}.`);
  output.json(collection);
  return refused.length > 0 ? 1 : 0;
}

/** Tasks that are listed one by one. */
const longestList = 40;

/** Prints numbers, then the tasks that need attention or are at work. */
function reportStatus({ place, tasks, counts, messages, collected }: ClusterReport, output: Output): void {
  const where = place.options.host === null ? place.folder : `${place.options.host}:${place.folder}`;
  const numbers = taskStatuses.flatMap((status) =>
    counts[status] > 0 ? [`${counts[status]} ${status}`] : [],
  );
  output.text(`${numbers.join(', ')}; ${collected.length} collected. Folder: ${where}`);
  for (const message of messages) output.note(message);
  const notable = tasks.filter(({ status, message }) => status === 'running' || message !== null);
  const rows = notable
    .slice(0, longestList)
    .map((task) => [
      String(task.member),
      task.status,
      task.job ?? '',
      task.totalSteps === null ? `step ${task.step}` : `step ${task.step} of ${task.totalSteps}`,
      task.message ?? '',
    ]);
  if (rows.length > 0) output.text(formatColumns([['member', 'status', 'job', 'progress', ''], ...rows]));
  if (notable.length > longestList)
    output.text(`… and ${notable.length - longestList} more; --json lists all.`);
  for (const { member, log } of tasks.filter((task) => task.log.length > 0).slice(0, longestList))
    output.text(`Last lines of member ${member}:\n${log.map((line) => `  ${line}`).join('\n')}`);
}

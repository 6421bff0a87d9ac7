/** The options of jobs on a cluster: inputs as typed, and the options that they describe, or what is wrong with each field. */

import { type SlurmOptions, slurmOptionsSchema } from '../../../shared/sweep/slurm.ts';
import type { Fault } from '../forms/checkInputs.ts';
import { parseNumber } from '../forms/numberText.ts';

/** All inputs as they are typed; empty: left to the cluster, or the default. */
export type ClusterForm = Readonly<Record<ClusterField, string>>;
export type ClusterField = keyof SlurmOptions;

export interface ClusterFieldText {
  readonly field: ClusterField;
  readonly title: string;
  /** What is meant while the field is empty. */
  readonly placeholder: string;
  readonly hint: string;
  readonly kind: 'text' | 'whole number' | 'lines';
  /** Whether it is chosen once: later submissions of the same sweep use the same. */
  readonly isFixed?: boolean;
}

export const clusterFields: readonly ClusterFieldText[] = [
  {
    field: 'host',
    title: 'Login node',
    placeholder: 'this machine',
    hint: 'As your ssh knows it, with a key and without a password; empty: Slurm runs on this machine',
    kind: 'text',
    isFixed: true,
  },
  {
    field: 'program',
    title: 'Program there',
    placeholder: 'this program',
    hint: 'Folder with a copy of this program that was set up on the cluster, such as ~/sparse-field-lab',
    kind: 'text',
    isFixed: true,
  },
  {
    field: 'folder',
    title: 'Folder for sweeps',
    placeholder: '~/sparse-field-lab-sweeps',
    hint: 'On a file system that login node and compute nodes share',
    kind: 'text',
    isFixed: true,
  },
  {
    field: 'data',
    title: 'Images there',
    placeholder: 'as for this machine',
    hint: 'Where the compute nodes find the images, such as folder:/scratch/birds',
    kind: 'text',
  },
  {
    field: 'partition',
    title: 'Partition',
    placeholder: 'that of the cluster',
    hint: 'Name of a partition',
    kind: 'text',
  },
  {
    field: 'account',
    title: 'Account',
    placeholder: 'that of the cluster',
    hint: 'Account that is charged',
    kind: 'text',
  },
  {
    field: 'time',
    title: 'Time limit',
    placeholder: 'that of the partition',
    hint: 'Of one run: 90 (minutes), 1:30:00 or 1-12 (days-hours)',
    kind: 'text',
  },
  { field: 'cpus', title: 'Processors', placeholder: '2', hint: 'For each run', kind: 'whole number' },
  {
    field: 'memory',
    title: 'Memory',
    placeholder: 'that of the partition',
    hint: 'For each run, such as 4G',
    kind: 'text',
  },
  {
    field: 'gpus',
    title: 'Graphics cards',
    placeholder: 'none',
    hint: 'For each run: 1, or a type and a number such as a100:1',
    kind: 'text',
  },
  {
    field: 'parallel',
    title: 'Runs at a time',
    placeholder: 'as many as possible',
    hint: 'Most runs that are computed at the same time',
    kind: 'whole number',
  },
  {
    field: 'warningSeconds',
    title: 'Warning, s',
    placeholder: '120',
    hint: 'Seconds before the time limit at which a run writes its checkpoint',
    kind: 'whole number',
  },
  {
    field: 'lines',
    title: 'Lines of the script',
    placeholder: 'module load cuda',
    hint: 'Commands before the program starts, or further options such as #SBATCH --constraint=a100; one a line',
    kind: 'lines',
  },
];

export const emptyClusterForm: ClusterForm = {
  host: '',
  program: '',
  folder: '',
  data: '',
  partition: '',
  account: '',
  time: '',
  cpus: '',
  memory: '',
  gpus: '',
  parallel: '',
  warningSeconds: '',
  lines: '',
};

/** Parses stored inputs; returns the empty form if they are of another version. */
export function readClusterForm(stored: string): ClusterForm {
  try {
    const parsed: unknown = JSON.parse(stored);
    return isForm(parsed) ? parsed : emptyClusterForm;
  } catch {
    return emptyClusterForm;
  }
}

function isForm(value: unknown): value is ClusterForm {
  if (typeof value !== 'object' || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  return clusterFields.every(({ field }) => typeof found.get(field) === 'string');
}

/** Returns the inputs that describe the options of a submitted sweep. */
export function formOfOptions(options: SlurmOptions): ClusterForm {
  const textOf = (field: ClusterField) => {
    const value = options[field];
    return Array.isArray(value) ? value.join('\n') : String(value ?? '');
  };
  return Object.fromEntries(clusterFields.map(({ field }) => [field, textOf(field)])) as ClusterForm;
}

export interface CheckedCluster {
  /** null while there are faults. */
  readonly options: SlurmOptions | null;
  /** By the names of their fields, in the order of the form. */
  readonly faults: readonly (Fault & { readonly path: ClusterField })[];
}

/** Returns the options that the inputs describe, or all faults. */
export function checkCluster(form: ClusterForm): CheckedCluster {
  const problems = new Map<string, string>();
  const input = readInputs(form, problems);
  if (form.host.trim() !== '' && form.program.trim() === '')
    problems.set('program', 'Expected the folder of the program on the cluster, such as ~/sparse-field-lab.');
  const parsed = slurmOptionsSchema.safeParse(input);
  for (const { path, message } of parsed.error?.issues ?? [])
    if (!problems.has(String(path[0]))) problems.set(String(path[0]), describeIssue(path, message, form));
  const faults = clusterFields.flatMap(({ field }) => {
    const message = problems.get(field);
    return message === undefined ? [] : [{ path: field, message }];
  });
  return { options: parsed.success && faults.length === 0 ? parsed.data : null, faults };
}

function readInputs(
  form: ClusterForm,
  problems: Map<string, string>,
): Partial<Record<ClusterField, unknown>> {
  const input: Partial<Record<ClusterField, unknown>> = {};
  for (const { field, kind } of clusterFields) {
    const typed = form[field].trim();
    if (typed === '') continue;
    if (kind === 'lines') input[field] = linesOf(typed);
    else if (kind === 'text') input[field] = typed;
    else {
      const number = parseNumber(typed);
      if (number.ok) input[field] = number.value;
      else problems.set(field, number.problem);
    }
  }
  return input;
}

function linesOf(typed: string): string[] {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function describeIssue([field, line]: readonly PropertyKey[], message: string, form: ClusterForm): string {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  const found = line === undefined ? form[field as ClusterField] : linesOf(form.lines)[Number(line)];
  return `${sentence.replace(/\.$/, '')}; found ${found.trim()}.`;
}

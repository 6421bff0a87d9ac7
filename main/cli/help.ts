/** The help texts and the reference of the command line, docs/cli.md, both generated from the command table. */

import { dataSourceForms, dataSourceUsages } from '../../shared/dataset.ts';
import { type Command, type CommandEntry, type CommandOption, commonOptions } from './command.ts';

export function formatHelp(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Sparse Field Lab: reconstruct images from a few of their pixels.',
    '',
    'Usage: lab <command> [options]',
    '',
    ...lines,
    '',
    `"lab help <command>" lists its options. Data sources: ${dataSourceForms}.`,
  ].join('\n');
}

export function formatCommandHelp(command: Command): string {
  const rows = [
    ...Object.entries(command.arguments ?? {}),
    ...listOptions(command).map(({ name, text }) => [name, text]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [`lab ${command.name} ${command.usage}`.trimEnd(), '', command.summary, '', ...lines].join('\n');
}

/** One option as the help shows it: `--keep R`, and its sentence with the default. */
export interface OptionLine {
  readonly name: string;
  readonly text: string;
}

/** Returns the command's own options, then those of every command. */
function listOptions(command: Command): OptionLine[] {
  return [...describeOptions(command.options), ...describeOptions(commonOptions)];
}

export function describeOptions(options: Readonly<Record<string, CommandOption>>): OptionLine[] {
  return Object.entries(options).map(([name, { value, description, fallback }]) => ({
    name: `--${name}${value === undefined ? '' : ` ${value}`}`,
    text: fallback === undefined ? description : `${description.replace(/\.$/, '')} (default: ${fallback}).`,
  }));
}

/** Every variable that the program reads, besides those of the system (XDG folders, proxies, SSH). */
export const environmentVariables: Readonly<Record<string, string>> = {
  SPARSE_FIELD_LAB_DATA: 'Folder of the runs and their database; `--data-dir` takes precedence.',
  SPARSE_FIELD_LAB_CONFIG: 'Folder of the settings, your presets, the window state and the log.',
  SPARSE_FIELD_LAB_CACHE: 'Folder of downloads: datasets, TensorFlow and set-up files.',
  SPARSE_FIELD_LAB_BACKEND: '`tensorflow`, `webgpu` or `wasm` computes with that; `auto`: with the fastest.',
  SPARSE_FIELD_LAB_WEBGPU_SOFTWARE: '`1` allows WebGPU in software (SwiftShader), which is slow.',
  SPARSE_FIELD_LAB_GPU: '`1` sets up TensorFlow for an NVIDIA GPU.',
  SPARSE_FIELD_LAB_EXECUTION: '`eager` runs networks operation by operation instead of as compiled graphs.',
  SPARSE_FIELD_LAB_CHROMIUM: 'Path of the Chromium that prints PDFs; `none` goes without.',
};

const exitCodes: readonly (readonly [string, string])[] = [
  ['0', 'The command succeeded.'],
  ['1', 'The command failed; stderr gives the reason.'],
  ['2', 'The command line was not understood.'],
  ['130', 'Interrupted by Ctrl-C; in general 128 + n after signal n.'],
];

/** Returns the reference as Markdown. */
export function formatReference(commands: readonly Command[]): string {
  return [
    '# Command line',
    '<!-- Generated from the command table by `npm run docs:cli`. Do not edit. -->',
    [
      'Run a command with `npm run lab -- <command>` in the project folder, or with `lab <command>` once the package is',
      'linked. Results go to stdout, progress and remarks to stderr; with `--json`, stdout carries only JSON.',
    ].join('\n'),
    formatTable(
      ['Command', 'What it does'],
      commands.map(({ name, summary }) => [`[${name}](#lab-${name})`, summary]),
    ),
    '## Options of every command',
    formatOptions(describeOptions(commonOptions)),
    '## Data sources',
    dataSourceUsages.map(({ form, meaning }) => `- \`${form}\`: ${meaning}.`).join('\n'),
    ...commands.flatMap(formatCommand),
    '## Exit codes',
    formatTable(['Code', 'Meaning'], exitCodes),
    '## Environment variables',
    formatTable(
      ['Variable', 'Meaning'],
      Object.entries(environmentVariables).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '',
  ].join('\n\n');
}

function formatCommand({ name, usage, summary, arguments: positionals = {}, options }: Command): string[] {
  const rows = Object.entries(positionals).map(([placeholder, text]) => [`\`${placeholder}\``, text]);
  return [
    `## lab ${name}`,
    summary,
    ['```', `lab ${name} ${usage}`.trimEnd(), '```'].join('\n'),
    ...(rows.length > 0 ? [formatTable(['Argument', 'Meaning'], rows)] : []),
    ...(Object.keys(options).length > 0 ? [formatOptions(describeOptions(options))] : []),
  ];
}

function formatOptions(lines: readonly OptionLine[]): string {
  return formatTable(
    ['Option', 'Meaning'],
    lines.map(({ name, text }) => [`\`${name}\``, text]),
  );
}

/** A bar would end the cell, and `<` outside code would begin an HTML element. */
function escapeCell(cell: string): string {
  const text = cell.replaceAll('|', '\\|');
  return text.startsWith('`') ? text : text.replaceAll('<', '\\<');
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => escapeCell(cell)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

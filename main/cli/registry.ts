/** The command table, in the order of the help. The module of a command is loaded with the command, because loading all takes a second. */

import type { CommandEntry } from './command.ts';

export const commands: readonly CommandEntry[] = [
  {
    name: 'app',
    summary: 'Open the application: in a window if there is a display, otherwise in your browser.',
    load: async () => (await import('./commands/app.ts')).app,
  },
  {
    name: 'demo',
    summary: 'Train, compare with the classical methods, reconstruct and report, in about four minutes.',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    name: 'train',
    summary: 'Train a field on images. Ctrl-C pauses; "lab resume" continues.',
    load: async () => (await import('./commands/train.ts')).train,
  },
  {
    name: 'resume',
    summary: 'Continue a paused, interrupted or finished run from its newest intact checkpoint.',
    load: async () => (await import('./commands/resume.ts')).resume,
  },
  {
    name: 'runs',
    summary: 'List the runs, newest first.',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    name: 'show',
    summary: 'Show one run: status, changed parameters, checkpoints and newest evaluation.',
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'log',
    summary: 'Print the log of a run: what happened to it, with time and step.',
    load: async () => (await import('./commands/log.ts')).log,
  },
  {
    name: 'evaluate',
    summary: 'Score a run and the classical methods on the same images and masks.',
    load: async () => (await import('./commands/evaluate.ts')).evaluate,
  },
  {
    name: 'reconstruct',
    summary: 'Reconstruct selected images; write a figure, a table and the numbers to a folder.',
    load: async () => (await import('./commands/reconstruct.ts')).reconstruct,
  },
  {
    name: 'inpaint',
    summary: 'Reconstruct your images, of any size; a repeated call computes only new and changed ones.',
    load: async () => (await import('./commands/inpaint.ts')).inpaint,
  },
  {
    name: 'compare',
    summary: 'Compare evaluated runs image by image, and write a self-contained report with --out.',
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  {
    name: 'report',
    summary: 'Write the report of a comparison to a folder; without runs, list the reports.',
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'sweep',
    summary: 'Train many runs that differ in some parameters and seeds, and say which setting wins.',
    load: async () => (await import('./commands/sweep.ts')).sweep,
  },
  {
    name: 'compare-methods',
    summary: 'Train several methods on the same budget and score them on the same images and masks.',
    load: async () => (await import('./commands/compareMethods.ts')).compareMethods,
  },
  {
    name: 'figure',
    summary: 'Write a figure of a run for a paper: its path, a solution, calibration, solvers or images.',
    load: async () => (await import('./commands/figure.ts')).figure,
  },
  {
    name: 'baselines',
    summary: 'Score the classical methods alone.',
    load: async () => (await import('./commands/baselines.ts')).baselines,
  },
  {
    name: 'presets',
    summary: 'List the presets or all parameters of one; save, exchange and delete yours.',
    load: async () => (await import('./commands/presets.ts')).presets,
  },
  {
    name: 'parity',
    summary: 'Check this implementation against a folder of reference numbers.',
    load: async () => (await import('./commands/parity.ts')).parity,
  },
  {
    name: 'doctor',
    summary: 'Check this machine: the backend and its speed, what is missing and how to fix it.',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'export',
    summary: 'Write a run to one file, for import on another machine.',
    load: async () => (await import('./commands/export.ts')).exportRun,
  },
  {
    name: 'import',
    summary: 'Import runs from files that "lab export" wrote.',
    load: async () => (await import('./commands/import.ts')).importRuns,
  },
  {
    name: 'delete',
    summary: 'Move a run to the trash; restore it with --undo, delete it permanently with --purge.',
    load: async () => (await import('./commands/delete.ts')).deleteRun,
  },
  {
    name: 'cluster-task',
    summary: 'Compute one run of a sweep in a Slurm job; the script of a sweep calls it.',
    load: async () => (await import('./commands/clusterTask.ts')).clusterTask,
  },
  {
    name: 'cluster-agent',
    summary: 'Submit, watch or cancel a sweep where Slurm is; "lab sweep" calls it on a login node.',
    load: async () => (await import('./commands/clusterAgent.ts')).clusterAgent,
  },
];

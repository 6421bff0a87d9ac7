/**
 * node test/bench/sweepOverhead.ts: processor seconds that a run costs besides its training steps, as a member of a sweep on two
 * local lanes, as a task of a Slurm that is started for it, and by itself with lab train and lab evaluate. Each is computed with
 * two budgets; a line through the two costs gives the cost of a step, and what is left without steps. Processor time depends little
 * on other work of the machine. Linux only.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type SweepSpec, sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import { smallConfig, smallOptions, writeImages } from '../jobs/smallRun.ts';
import { startSlurm } from '../support/slurm.ts';
import { runLab } from './labProcess.ts';

const root = resolve(import.meta.dirname, '../..');
const seeds = [1, 2];
const budgets = [12, 112] as const;

/** At the end of a command, writes its processor seconds with those of its compute processes, which it has waited for. */
const recorder = `import { readFileSync, writeFileSync } from 'node:fs';
if (process.argv[1]?.endsWith('start.mjs')) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  const children = (Number(fields[13]) + Number(fields[14])) / 100;
  writeFileSync(process.env.COSTS + '/' + process.argv[2] + '-' + process.pid, String((user + system) / 1e6 + children));
});
`;

const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-overhead-'));
try {
  await measureAll();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  const source = await writeImages(join(folder, 'images'));
  writeFileSync(join(folder, 'recorder.mjs'), recorder);
  process.env.NODE_OPTIONS = `--import=${join(folder, 'recorder.mjs')}`;
  const places = { 'two lanes': computeHere, Slurm: computeOnSlurm, 'by itself': computeAlone };
  for (const [name, compute] of Object.entries(places)) {
    const costs: number[] = [];
    for (const steps of budgets) {
      const own = mkdtempSync(join(folder, 'place-'));
      process.env.COSTS = join(own, 'costs');
      mkdirSync(process.env.COSTS);
      await compute(own, describeSweep(source, steps));
      costs.push(sumCosts(process.env.COSTS) / seeds.length);
    }
    const step = (costs[1] - costs[0]) / (budgets[1] - budgets[0]);
    console.log(
      `${name}: a run of ${budgets[0]} steps costs ${costs[0].toFixed(1)} s of processor time, one of ${budgets[1]} steps ${costs[1].toFixed(1)} s: ${(1000 * step).toFixed(0)} ms a step, and ${(costs[0] - budgets[0] * step).toFixed(1)} s besides`,
    );
  }
}

function describeSweep(source: string, steps: number): SweepSpec {
  const base = smallConfig(source);
  const train = { ...base.train, evaluateEverySteps: 0, previewEverySteps: 0, checkpointEverySteps: 1000 };
  return sweepSpecSchema.parse({
    name: 'overhead',
    base: { ...base, train },
    axes: [],
    seeds,
    budget: { steps },
    objective: { protocol: { images: 2, solver: 'euler', steps: 2 } },
  });
}

/** Adds what the commands that compute have written. */
function sumCosts(costs: string): number {
  return readdirSync(costs)
    .filter((name) => /^(?:sweep|cluster-task|train|evaluate)-/.test(name))
    .reduce((sum, name) => sum + Number(readFileSync(join(costs, name), 'utf8')), 0);
}

async function computeHere(own: string, spec: SweepSpec): Promise<void> {
  const file = join(own, 'sweep.json');
  writeFileSync(file, JSON.stringify(spec));
  await runLab(['sweep', file, '--parallel', '2'], join(own, 'data'));
}

async function computeOnSlurm(own: string, spec: SweepSpec): Promise<void> {
  const slurm = await startSlurm();
  Object.assign(process.env, slurm.environment);
  try {
    const file = join(own, 'sweep.json');
    writeFileSync(file, JSON.stringify(spec));
    const data = join(own, 'data');
    const options = ['--folder', join(own, 'cluster'), '--program', root, '--cpus', '1'];
    await runLab(['sweep', file, '--on', 'slurm', ...options], data);
    // The commands on this side are not part of what a task costs.
    for (const name of readdirSync(join(own, 'costs'))) rmSync(join(own, 'costs', name));
    // Costs are written before Slurm has noticed the end of a task.
    while (slurm.run('squeue', '--noheader').trim() !== '') {
      await pause(1000);
      slurm.reviveNode();
    }
    if (readdirSync(join(own, 'costs')).length < seeds.length)
      throw new Error(`A task has ended without its costs.\n${slurm.describe()}`);
  } finally {
    await slurm.stop();
  }
}

async function computeAlone(own: string, spec: SweepSpec): Promise<void> {
  const { source } = spec.base.data;
  for (const seed of seeds) {
    const name = `run ${seed}`;
    const steps = spec.budget && 'steps' in spec.budget ? spec.budget.steps : 0;
    const cadence = [
      'evaluateEverySteps=0',
      'previewEverySteps=0',
      'checkpointEverySteps=1000',
      `steps=${steps}`,
    ];
    const set = cadence.flatMap((assignment) => ['--set', `train.${assignment}`]);
    await runLab(
      ['train', '--name', name, ...smallOptions(source), '--set', `seed=${seed}`, ...set],
      join(own, 'data'),
    );
    await runLab(['evaluate', name, '--images', '2', '--solver', 'euler', '--steps', '2'], join(own, 'data'));
  }
}

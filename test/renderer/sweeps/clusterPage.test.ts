import { describe, expect, it } from 'vitest';
import { withoutCommands } from '../../../renderer/models/frame/withoutCommands.ts';
import {
  checkCluster,
  type ClusterForm,
  emptyClusterForm,
  formOfOptions,
  readClusterForm,
} from '../../../renderer/models/sweeps/clusterForm.ts';
import { countsOf, messagesOf, taskRows } from '../../../renderer/models/sweeps/clusterTexts.ts';
import {
  type ClusterTask,
  countTasks,
  slurmOptionsSchema,
  type TaskStatus,
} from '../../../shared/sweep/slurm.ts';

const check = (changes: Partial<ClusterForm>) => checkCluster({ ...emptyClusterForm, ...changes });

describe('the form of jobs on a cluster', () => {
  it('leaves to the cluster what is empty, and describes everything else', () => {
    expect(check({})).toEqual({ options: slurmOptionsSchema.parse({}), faults: [] });
    const { options } = check({
      host: ' ada@login ',
      program: '~/lab',
      time: '1:30:00',
      cpus: '4',
      gpus: 'a100:1',
      lines: 'module load cuda\n\n#SBATCH --constraint=a100 ',
    });
    expect(options).toMatchObject({
      host: 'ada@login',
      program: '~/lab',
      time: '1:30:00',
      cpus: 4,
      gpus: 'a100:1',
      memory: null,
      lines: ['module load cuda', '#SBATCH --constraint=a100'],
    });
    if (options) expect(check(formOfOptions(options)).options).toEqual(options);
  });

  it('names every fault at its field, with what was found', () => {
    const { options, faults } = check({
      host: 'login',
      time: 'soon',
      cpus: 'many',
      parallel: '1.5',
      lines: 'true\n#SBATCH --array=1-3',
    });
    expect(options).toBeNull();
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'program: Expected the folder of the program on the cluster, such as ~/sparse-field-lab.',
      'time: Expected minutes, hours:minutes:seconds or days-hours, such as 90, 1:30:00 or 1-12; found soon.',
      expect.stringMatching(/^cpus: “many” is not a number/),
      expect.stringMatching(/^parallel: .*found 1\.5\.$/),
      expect.stringMatching(/^lines: The script sets --array.*; found #SBATCH --array=1-3\.$/),
    ]);
  });

  it('is empty if what was stored is of another version', () => {
    const stored = { ...emptyClusterForm, host: 'login' };
    expect(readClusterForm(JSON.stringify(stored))).toEqual(stored);
    for (const other of ['', '[]', '{"host":"login"}', JSON.stringify({ ...stored, time: 5 })])
      expect(readClusterForm(other)).toEqual(emptyClusterForm);
  });
});

function task(member: number, status: TaskStatus, changes: Partial<ClusterTask> = {}): ClusterTask {
  return {
    member,
    status,
    job: `17_${member}`,
    node: null,
    step: 0,
    totalSteps: null,
    starts: 0,
    scores: [],
    message: null,
    log: [],
    result: null,
    ...changes,
  };
}

const member = (index: number) => ({ seed: index, runId: null, values: { 'field.dim': 16 } });

describe('what the page says of a sweep on a cluster', () => {
  it('lists tasks that need attention first, and numbers in a fixed order', () => {
    const tasks = [task(0, 'done'), task(1, 'running', { step: 3, totalSteps: 12 }), task(2, 'failed')];
    const rows = taskRows({ tasks }, [0, 1, 2].map(member), null);
    expect(rows.map(({ member: each, setting, progress }) => [each, setting, progress])).toEqual([
      [2, 'Width 16', '–'],
      [1, 'Width 16', '3 of 12'],
      [0, 'Width 16', '–'],
    ]);
    expect(taskRows({ tasks }, [0, 1, 2].map(member), 'done')).toHaveLength(1);
    expect(countsOf({ counts: countTasks(tasks) })).toEqual([
      ['running', 1],
      ['failed', 1],
      ['done', 1],
    ]);
  });

  it('names buttons and fields in place of commands and options', () => {
    const message =
      'It asks for too much. Use lab sweep cancel, then submit it with a smaller --time or another --partition.';
    expect(withoutCommands(message)).toBe(
      'It asks for too much. Use Cancel, then submit it with a smaller “Time limit” or another “Partition”.',
    );
    expect(withoutCommands('Read its log, then use lab sweep retry.')).toBe('Read its log, then use Retry.');
    const view = { id: 'a', answeredAt: null, problem: null, work: null, nextAt: null };
    const refused = [{ member: 1, message: 'Collect again; if it stays so, use lab sweep retry.' }];
    expect(messagesOf({ ...view, report: null, refused })).toEqual([
      'Collect again; if it stays so, use Retry.',
    ]);
  });
});

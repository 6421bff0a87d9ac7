import { describe, expect, it } from 'vitest';
import { slurmOptionsSchema } from '../../shared/sweep/slurm.ts';

const problemOf = (options: object) =>
  slurmOptionsSchema.safeParse(options).error?.issues[0]?.message ?? null;

describe('options of Slurm', () => {
  it.each([
    { host: 'ada@login.example.org', time: '1-12:00:00', memory: '4G', gpus: 'a100:2', parallel: 20 },
    { folder: '~/sweeps', program: '/opt/lab', lines: ['module load cuda', '#SBATCH --constraint=a100'] },
  ])('%j are accepted', (options) => expect(problemOf(options)).toBeNull());

  it.each([
    [{ host: '-oProxyCommand=touch /tmp/x' }, 'a host as ssh knows it'],
    [{ host: 'login; rm -rf ~' }, 'a host as ssh knows it'],
    [{ partition: 'a b' }, 'letters, digits'],
    [{ partition: '--wrap=x' }, 'letters, digits'],
    [{ time: '2 hours' }, 'minutes, hours:minutes:seconds or days-hours'],
    [{ memory: '4 GB' }, 'megabytes or a number'],
    [{ gpus: 'two' }, 'a number or type:number'],
    [{ folder: 'sweeps' }, 'begins with / or ~/'],
    [{ lines: ['module load cuda\nrm -rf ~'] }, 'text in one line'],
    [{ lines: ['#SBATCH --array=0-9'] }, 'the script sets --array'],
    [{ lines: ['#SBATCH -o log.txt'] }, 'the script sets --array'],
    [{ lines: ['#SBATCH constraint=a100'] }, 'an option after #SBATCH'],
  ])('%j is refused', (options, expected) => expect(problemOf(options)).toContain(expected));
});

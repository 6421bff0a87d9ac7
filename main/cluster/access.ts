/** Reaches the agent of a sweep: in this process where Slurm is here, otherwise through `ssh` and the user's own settings for it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { quoteWord } from '../../shared/config/trainCommand.ts';
import { requireHomeFolder } from '../../shared/text/homeFolder.ts';
import { type ClusterStatus, clusterStatusSchema } from '../../shared/sweep/slurm.ts';
import { type CommandResult, lastLine, runCommand } from '../runtime/command.ts';
import { type AgentTools, cancelTasks, inspectTasks, realTools, submitTasks } from './agent.ts';
import type { RunProgram } from './slurmCommands.ts';
import { createSweepFolder, resultName, type SweepFile, taskFolder } from './sweepFolder.ts';

export type AgentAction = 'submit' | 'retry' | 'status' | 'cancel';

export interface AgentAnswer {
  readonly status: ClusterStatus;
  /** Version of the program on the cluster. */
  readonly appVersion: string;
}

/** Access to the machine that has sbatch. */
export interface ClusterAccess {
  /** Returns the absolute path there of one that begins with `~/`. */
  resolvePath(path: string): Promise<string>;
  /** Writes the folder of a sweep there. */
  create(folder: string, file: SweepFile): Promise<void>;
  act(folder: string, action: AgentAction): Promise<AgentAnswer>;
  /** Lets `use` read the run files of members, as files of this machine; those that are not there are left out. */
  withResults(
    folder: string,
    members: readonly number[],
    use: (pathOf: (member: number) => string) => Promise<void>,
  ): Promise<void>;
}

/** The connection failed. What was requested may have been done all the same: the folder of the sweep knows. */
export class ConnectionError extends Error {}

export function localAccess(appVersion: string, tools: AgentTools = realTools): ClusterAccess {
  return {
    resolvePath: async (path) => path.replace(/^~/, () => requireHomeFolder(homedir, 'data')),
    create: async (folder, file) => createSweepFolder(folder, file),
    act: async (folder, action) => ({ appVersion, status: await actHere(folder, action, tools) }),
    withResults: async (folder, _members, use) =>
      use((member) => join(taskFolder(folder, member), resultName)),
  };
}

export function actHere(
  folder: string,
  action: AgentAction,
  tools: AgentTools = realTools,
): Promise<ClusterStatus> {
  if (action === 'status') return inspectTasks(folder, tools);
  if (action === 'cancel') return cancelTasks(folder, tools);
  return submitTasks(folder, { again: action === 'retry' }, tools);
}

/** Milliseconds. */
const actionLimit = 10 * 60_000;
/** Exit code of ssh itself, in place of that of the command. */
const brokenConnectionCode = 255;

/** `program`: the prepared checkout there, absolute. */
export function sshAccess(host: string, program: string, run: RunProgram = runCommand): ClusterAccess {
  const execute = async (words: readonly string[], options: { input?: string; outputFile?: string } = {}) => {
    const command = words.join(' ');
    const result = await run('ssh', [...sshOptions, '--', host, command], { limit: actionLimit, ...options });
    if (!result.isOk) throw explainFailure(host, result);
    return result.stdout;
  };
  const callAgent = async (action: string, folder: string, input?: string): Promise<AgentAnswer> => {
    const node = `${program}/node_modules/node/bin/node`;
    const words = [node, `${program}/main/cli/start.mjs`, 'cluster-agent', action, folder, '--json'];
    const answer = await execute(words.map(quoteWord), { input });
    return readAnswer(host, answer);
  };
  return {
    async resolvePath(path) {
      if (!path.startsWith('~/')) return path;
      const home = lastLine(await execute([`printf '%s\\n' "$HOME"`]));
      if (!home.startsWith('/'))
        throw new Error(`${host} has no home folder ("${home}"). Give paths that begin with /.`);
      return `${home.replace(/\/+$/, '')}/${path.slice(2)}`;
    },
    create: async (folder, file) => void (await callAgent('create', folder, JSON.stringify(file))),
    act: (folder, action) => callAgent(action, folder),
    async withResults(folder, members, use) {
      const staging = mkdtempSync(join(tmpdir(), 'sparse-field-lab-results-'));
      try {
        const archive = join(staging, 'results.tar');
        const files = members.map((member) => `tasks/${member}/${resultName}`);
        await execute(['tar', '-cf', '-', '-C', quoteWord(folder), ...files], { outputFile: archive });
        const unpacked = await run('tar', ['-xf', archive, '-C', staging], { limit: actionLimit });
        if (!unpacked.isOk)
          throw new Error(`The results of ${host} could not be unpacked: ${lastLine(unpacked.stderr)}`);
        await use((member) => join(taskFolder(staging, member), resultName));
      } finally {
        rmSync(staging, { recursive: true, force: true });
      }
    },
  };
}

/** Never asks for a password: keys and hosts are those of the user's own settings. */
const sshOptions = [
  '-o',
  'BatchMode=yes',
  '-o',
  'ConnectTimeout=20',
  '-o',
  'ServerAliveInterval=15',
  '-o',
  'ServerAliveCountMax=4',
];

function explainFailure(host: string, result: CommandResult): Error {
  const reason = lastLine(result.stderr) || result.failure;
  const isBroken = result.code === brokenConnectionCode || result.code === null;
  if (isBroken)
    return new ConnectionError(
      `The connection to ${host} failed: ${reason}. Check it with "ssh ${host}", which must not ask for a password. Whatever was begun there is known to lab sweep status.`,
    );
  const reported = findReportedError(result.stdout);
  if (reported !== null) return new Error(reported);
  const isMissing = result.code === 127;
  const next = isMissing
    ? ' Prepare a checkout there with npm run setup, and name its folder with --program.'
    : '';
  return new Error(`The program on ${host} failed: ${reason}.${next}`);
}

/** Returns the error that the program there printed as its last line of JSON. */
function findReportedError(stdout: string): string | null {
  const value = parseLine(lastLineOf(stdout));
  return typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string'
    ? value.error
    : null;
}

/** The program there may be of another version. */
const answerSchema = z.object({ appVersion: z.string(), status: clusterStatusSchema });

function readAnswer(host: string, stdout: string): AgentAnswer {
  const answer = answerSchema.safeParse(parseLine(lastLineOf(stdout)));
  if (answer.success) return answer.data;
  throw new Error(
    `${host} answered ${JSON.stringify(lastLine(stdout))}; the state of a sweep was expected. Bring the checkout there to the version of this one.`,
  );
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Shells may print a greeting before it. */
function lastLineOf(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

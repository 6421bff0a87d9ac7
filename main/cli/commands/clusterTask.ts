/** lab cluster-task */

import { resolve } from 'node:path';
import { checkNode } from '../../cluster/nodeCheck.ts';
import { createSlurmCommands } from '../../cluster/slurmCommands.ts';
import { type EndReason, runTask } from '../../cluster/task.ts';
import { readOwnJob } from '../../cluster/taskRecord.ts';
import { forkHost } from '../../jobs/computeHost.ts';
import { runDoctor } from '../../runtime/doctor.ts';
import { onEndRequest } from '../../runtime/processEnd.mjs';
import { resolveConfigFolder } from '../../store/dataFolder.ts';
import { type CommandDefinition, readVersion, UsageError } from '../command.ts';
import { cacheFolder } from '../labStore.ts';

export const clusterTask: CommandDefinition = {
  usage: '<folder> <member>',
  arguments: {
    '<folder>': 'Folder of a sweep that "lab sweep" submitted.',
    '<member>': 'Number of the run in the sweep, from 0.',
  },
  options: {},
  positionals: { min: 2, max: 2 },
  async run({ positionals: [folder, text], output }) {
    if (!/^\d+$/.test(text)) throw new UsageError(`The member is "${text}", expected a whole number from 0.`);
    const appVersion = readVersion();
    return runTask(resolve(folder), Number(text), {
      slurm: createSlurmCommands(),
      job: readOwnJob(process.env),
      createHost: forkHost,
      cacheFolder: cacheFolder(),
      appVersion,
      checkNode: (shared, { options }) =>
        checkNode(shared, { needsGpu: options.gpus !== null, appVersion }, () =>
          runDoctor({ dataFolder: () => shared, configFolder: resolveConfigFolder }, { depth: 'quick' }),
        ),
      onEnd: onEndOfTask,
      note: (line) => output.note(`${new Date().toISOString()} ${line}`),
    });
  },
};

/** Slurm sends USR1 before the time limit, and TERM when it ends the task for another reason. */
function onEndOfTask(listener: (reason: EndReason) => void): () => void {
  const onTimeLimit = () => listener('time');
  process.on('SIGUSR1', onTimeLimit);
  const release = onEndRequest(() => listener('request'));
  return () => {
    process.off('SIGUSR1', onTimeLimit);
    release();
  };
}

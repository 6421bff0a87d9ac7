/** lab cluster-agent */

import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { cancelTasks, inspectTasks, submitTasks } from '../../cluster/agent.ts';
import { createSweepFolder, sweepFileSchema } from '../../cluster/sweepFolder.ts';
import { type CommandDefinition, readVersion, UsageError } from '../command.ts';
import { formatChoices } from '../options.ts';

const actions = ['create', 'submit', 'retry', 'status', 'cancel'] as const;

export const clusterAgent: CommandDefinition = {
  usage: '<action> <folder>',
  arguments: {
    '<action>': `${formatChoices(actions)}; create reads the sweep from standard input.`,
    '<folder>': 'Folder of a sweep on this machine.',
  },
  options: {},
  positionals: { min: 2, max: 2 },
  async run({ positionals: [name, path], output }) {
    const action = actions.find((known) => known === name);
    if (!action) throw new UsageError(`The action is "${name}", expected ${formatChoices(actions)}.`);
    const folder = resolve(path);
    if (action === 'create')
      createSweepFolder(folder, sweepFileSchema.parse(JSON.parse(await text(process.stdin))));
    const status =
      action === 'status' || action === 'create'
        ? await inspectTasks(folder)
        : action === 'cancel'
          ? await cancelTasks(folder)
          : await submitTasks(folder, { again: action === 'retry' });
    output.json({ appVersion: readVersion(), status });
    output.text(status.messages.join('\n') || 'Done.');
    return 0;
  },
};

/** lab delete */

import { findRun } from '../../store/findRun.ts';
import { purgeRun, restoreRun, softDeleteRun } from '../../store/runLifecycle.ts';
import { getRun } from '../../store/runs.ts';
import type { Command } from '../command.ts';
import { withStore } from '../lab.ts';
import { flagOption, readFlag } from '../options.ts';

export const deleteRun: Command = {
  name: 'delete',
  summary: 'Put a run in the trash; bring it back with --undo, end it for ever with --purge.',
  usage: '<run> [--undo | --purge]',
  options: {
    undo: flagOption('Bring a run back from the trash.'),
    purge: flagOption('Delete a run in the trash for ever, with all its files.'),
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, (store) => {
      const { values, positionals, output } = invocation;
      const trashed = readFlag(values, 'undo') || readFlag(values, 'purge');
      const run = findRun(store.db, positionals[0], { trashed });
      if (readFlag(values, 'undo')) {
        restoreRun(store, run.id);
        output.text(`Run ${run.id} is back as "${getRun(store.db, run.id).name}".`);
      } else if (readFlag(values, 'purge')) {
        purgeRun(store, run.id);
        output.text(`Run ${run.id} "${run.name}" is gone for ever.`);
      } else {
        softDeleteRun(store, run.id);
        output.text(
          `Run ${run.id} "${run.name}" is in the trash. Bring it back with: lab delete ${run.id} --undo`,
        );
      }
      output.json({ run: run.id, name: run.name, deleted: !readFlag(values, 'undo') });
      return 0;
    }),
};

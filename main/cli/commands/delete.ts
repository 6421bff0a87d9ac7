/** lab delete */

import { describeError } from '../../../shared/text/describeError.ts';
import { findRunId } from '../../store/runs/findRun.ts';
import { purgeRun, restoreRun, softDeleteRun } from '../../store/runs/runLifecycle.ts';
import type { Store } from '../../store/store.ts';
import { type Command, UsageError } from '../command.ts';
import { withStore } from '../labStore.ts';
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
  run: (invocation) => {
    const { values, positionals, output } = invocation;
    const isUndo = readFlag(values, 'undo');
    const isPurge = readFlag(values, 'purge');
    if (isUndo && isPurge) throw new UsageError('Give --undo or --purge, not both.');
    return withStore(invocation, (store) => {
      // By id alone: a run whose configuration is not readable can be deleted too.
      const id = isUndo || isPurge ? findTrashed(store, positionals[0]) : findRunId(store.db, positionals[0]);
      if (isUndo) {
        output.text(`Run ${id} is back as "${restoreRun(store, id)}".`);
      } else if (isPurge) {
        purgeRun(store, id);
        output.text(`Run ${id} is gone for ever.`);
      } else {
        softDeleteRun(store, id);
        output.text(`Run ${id} is in the trash. Bring it back with: lab delete ${id} --undo`);
      }
      output.json({ run: id, state: isUndo ? 'restored' : isPurge ? 'purged' : 'trashed' });
      return 0;
    });
  },
};

function findTrashed(store: Store, reference: string): string {
  try {
    return findRunId(store.db, reference, { trashed: true });
  } catch (error) {
    const reason = describeError(error);
    throw new Error(`In the trash: ${reason.replace('"lab runs"', '"lab runs --trash"')}`, { cause: error });
  }
}

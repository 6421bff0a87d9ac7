/** lab delete */

import { describeError } from '../../../shared/text/describeError.ts';
import { findRunId } from '../../store/runs/findRun.ts';
import { purgeRun, restoreRun, softDeleteRun } from '../../store/runs/runLifecycle.ts';
import type { Store } from '../../store/store.ts';
import { type CommandDefinition, UsageError } from '../command.ts';
import { refusePreset, withStore } from '../labStore.ts';
import { flagOption, readFlag } from '../options.ts';

export const deleteRun: CommandDefinition = {
  usage: '<run> [--undo | --purge]',
  arguments: { '<run>': 'Run ID, the start of one, a name, or latest.' },
  options: {
    undo: flagOption('Restore a run from the trash.'),
    purge: flagOption('Permanently delete a run in the trash, with all its files.'),
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) => {
    const { values, positionals, output } = invocation;
    const isUndo = readFlag(values, 'undo');
    const isPurge = readFlag(values, 'purge');
    if (isUndo && isPurge) throw new UsageError('--undo and --purge exclude each other. Give one of them.');
    return withStore(invocation, (store) => {
      // Looked up by ID only, so that a run with an unreadable configuration can be deleted too.
      const [reference] = positionals;
      if (!isUndo && !isPurge) refusePreset(store, reference);
      const id = isUndo || isPurge ? findTrashed(store, reference) : findRunId(store.db, reference);
      if (isUndo) {
        output.text(`Run ${id} was restored as "${restoreRun(store, id)}".`);
      } else if (isPurge) {
        purgeRun(store, id);
        output.text(`Run ${id} was deleted permanently.`);
      } else {
        softDeleteRun(store, id);
        output.text(`Run ${id} is in the trash. Restore it with: lab delete ${id} --undo`);
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
    throw new Error(`Trash: ${reason.replace('"lab runs"', '"lab runs --trash"')}`, { cause: error });
  }
}

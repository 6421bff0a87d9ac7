/** The saved comparisons: read once, then kept up to date by events. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { SavedComparison } from '../../shared/comparison/comparison.ts';
import type { Grouping } from '../../shared/runGroups.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { useNoticesStore } from './notices.ts';

export const useComparisonsStore = defineStore('comparisons', () => {
  const notices = useNoticesStore();
  /** By name; null until loaded. */
  const saved = shallowRef<readonly SavedComparison[] | null>(null);

  async function load() {
    try {
      saved.value = await request('comparisons.list', {});
    } catch (error) {
      notices.fail(error, 'The saved comparisons could not be read');
    }
  }

  listen('comparisons.changed', (next) => void (saved.value = next));
  useReconnect(() => void load());

  return {
    saved,
    load,
    /** Returns the saved comparison of exactly these runs, in any order, in the same groups. */
    find(ids: readonly string[], by: Grouping | null = null): SavedComparison | null {
      const key = [...ids].sort().join();
      const isSame = ({ runs, groupBy }: SavedComparison) =>
        groupBy === by &&
        runs
          .map(({ id }) => id)
          .sort()
          .join() === key;
      return saved.value?.find(isSame) ?? null;
    },
    /** Returns whether it was saved; a notice says why it was not. */
    async save(name: string, ids: readonly string[], by: Grouping | null = null): Promise<boolean> {
      try {
        saved.value = await request('comparisons.save', { name, ids: [...ids], groupBy: by });
        return true;
      } catch (error) {
        notices.fail(error, 'The comparison could not be saved');
        return false;
      }
    },
    async rename(id: string, name: string): Promise<boolean> {
      try {
        saved.value = await request('comparisons.rename', { id, name });
        return true;
      } catch (error) {
        notices.fail(error, 'The comparison could not be renamed');
        return false;
      }
    },
    /** Deletes it, with an offer to undo that. */
    async remove({ id, name, runs, groupBy }: SavedComparison) {
      try {
        saved.value = await request('comparisons.delete', { id });
        const ids = runs.map((run) => run.id);
        notices.showUndoable(`The comparison “${name}” was deleted. Its runs are still there.`, async () => {
          saved.value = await request('comparisons.save', { name, ids, groupBy });
        });
      } catch (error) {
        notices.fail(error, 'The comparison could not be deleted');
      }
    },
  };
});

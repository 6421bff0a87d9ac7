/** Entries of the command palette: commands that match a few letters, and runs found by the main side. */

import { refDebounced } from '@vueuse/core';
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import type { RunSummary } from '../../../shared/runList.ts';
import { request } from '../../api/client.ts';
import { useCommandsStore } from '../../stores/commands.ts';
import { isPossible, type Command } from '../../models/frame/pageCommand.ts';
import { fuzzyMatch } from '../../models/frame/fuzzyMatch.ts';

export type PaletteEntry =
  | {
      readonly kind: 'command';
      readonly id: string;
      readonly command: Command;
      readonly positions: readonly number[];
    }
  | { readonly kind: 'run'; readonly id: string; readonly run: RunSummary };

export interface UsePaletteReturn {
  readonly entries: ComputedRef<readonly PaletteEntry[]>;
  choose(entry: PaletteEntry): Promise<void>;
}

/** Greatest number of runs shown. */
const runLimit = 8;

/** Returns the entries for `query`; the newest runs come first. */
export function usePalette(query: Ref<string>): UsePaletteReturn {
  const store = useCommandsStore();
  const router = useRouter();
  const runs = useFoundRuns(query);
  const commands = computed(() => rankCommands(store.commands, query.value));
  const entries = computed<readonly PaletteEntry[]>(() => [
    ...commands.value,
    ...runs.value.map((run) => ({ kind: 'run', id: `run-${run.id}`, run }) as const),
  ]);

  async function choose(entry: PaletteEntry) {
    if (entry.kind === 'run') await router.push(`/runs/${entry.run.id}`);
    else await store.run(entry.command.id);
  }

  return { entries, choose };
}

function useFoundRuns(query: Ref<string>) {
  const text = refDebounced(query, 120);
  const runs = shallowRef<readonly RunSummary[]>([]);
  watch(
    text,
    async (asked) => {
      // A palette without runs is better than none; the connection banner shows the reason.
      const page = await request('runs.list', { text: asked, limit: runLimit }).catch(() => null);
      if (text.value === asked) runs.value = page?.rows ?? [];
    },
    { immediate: true },
  );
  return runs;
}

function rankCommands(commands: readonly Command[], query: string): PaletteEntry[] {
  return commands
    .filter((command) => !command.isOutOfPalette && isPossible(command))
    .map((command) => ({ command, match: fuzzyMatch(query, command.label) }))
    .flatMap(({ command, match }) => (match ? [{ command, match }] : []))
    .toSorted((one, other) => other.match.score - one.match.score)
    .map(({ command, match }) => ({
      kind: 'command',
      id: `command-${command.id}`,
      command,
      positions: match.positions,
    }));
}

/** Everything that can be done by a key, from the palette or from the native menu. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { Command } from '../models/frame/command.ts';

export const useCommandsStore = defineStore('commands', () => {
  /** In the order they were registered: of two with the same id, the later one acts. */
  const registrations = shallowRef<readonly (() => readonly Command[])[]>([]);
  const commands = computed(() => {
    const byId = new Map<string, Command>();
    for (const command of registrations.value.flatMap((list) => list())) byId.set(command.id, command);
    return [...byId.values()];
  });

  /** Returns the function that takes them out again. */
  function register(list: () => readonly Command[]): () => void {
    registrations.value = [...registrations.value, list];
    return () => {
      registrations.value = registrations.value.filter((other) => other !== list);
    };
  }

  /** Does the command, where it is known and possible now. */
  async function run(id: string) {
    const command = commands.value.find((candidate) => candidate.id === id);
    if (command && (command.isEnabled?.() ?? true)) await command.run();
  }

  return { commands, register, run };
});

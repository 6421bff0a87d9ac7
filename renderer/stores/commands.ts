/** All commands of keyboard, palette and native menu. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { isPossible, type Command } from '../models/frame/pageCommand.ts';

export const useCommandsStore = defineStore('commands', () => {
  /** Registered lists in order; of two commands with the same ID the later one wins. */
  const registrations = shallowRef<readonly (() => readonly Command[])[]>([]);
  const commands = computed(() => {
    const byId = new Map<string, Command>();
    for (const command of registrations.value.flatMap((list) => list())) byId.set(command.id, command);
    return [...byId.values()];
  });

  /** Registers commands; returns the function that removes them. */
  function register(list: () => readonly Command[]): () => void {
    registrations.value = [...registrations.value, list];
    return () => {
      registrations.value = registrations.value.filter((other) => other !== list);
    };
  }

  /** Runs a command if it is known and enabled. */
  async function run(id: string) {
    const command = commands.value.find((candidate) => candidate.id === id);
    if (command && isPossible(command)) await command.run();
  }

  return { commands, register, run };
});

/** Commands that the main side carries out are impossible while it cannot be reached. */

import { isPossible, type Command } from '../../models/frame/pageCommand.ts';
import { useConnectionStore } from '../../stores/connection.ts';

/** Returns a function that makes commands possible only while the main side can be reached. */
export function useWhileConnected(): (commands: readonly Command[]) => Command[] {
  const connection = useConnectionStore();
  return (commands) =>
    commands.map((command) => ({
      ...command,
      isEnabled: () => connection.isConnected && isPossible(command),
    }));
}

/** Leaving while something is computed: asks first, pauses with a checkpoint, and only then lets go. */

export type QuitChoice = 'pause' | 'keep' | 'cancel';

export interface QuitGuardParts {
  /** Whether the lane has a job. */
  isBusy(): boolean;
  /** Asks "Pause and quit / Keep running / Cancel". */
  ask(): Promise<QuitChoice>;
  /** Settles when every run has its checkpoint and the lane is empty. */
  pauseAll(): Promise<void>;
  /** Keep running: the window goes, the application stays. */
  hide(): void;
  /** Quits; the guard lets the next `before-quit` pass. */
  quit(): void;
}

export interface QuitGuard {
  /** For `before-quit` and the window's `close`: true lets it happen. */
  mayLeave(): boolean;
  /** The system shuts down: no question, the runs are paused at once. */
  leaveAtOnce(): void;
}

type State = 'open' | 'asking' | 'pausing' | 'leaving';

export function createQuitGuard(parts: QuitGuardParts): QuitGuard {
  let state: State = 'open';
  const leave = () => {
    state = 'leaving';
    parts.quit();
  };
  const pause = async () => {
    state = 'pausing';
    // A run that cannot be paused keeps its newest checkpoint: no reason to refuse to quit.
    await parts.pauseAll().catch(() => undefined);
    leave();
  };
  const ask = async () => {
    state = 'asking';
    const choice = await parts.ask().catch((): QuitChoice => 'cancel');
    // It may have finished, or the system may have begun to shut down, while the question stood.
    if (state !== 'asking') return;
    if (choice === 'pause') {
      await pause();
      return;
    }
    state = 'open';
    if (choice === 'keep') parts.hide();
  };
  return {
    mayLeave() {
      if (state === 'leaving') return true;
      if (state !== 'open') return false;
      if (!parts.isBusy()) {
        state = 'leaving';
        return true;
      }
      void ask();
      return false;
    },
    leaveAtOnce() {
      if (state === 'open' || state === 'asking') void pause();
    },
  };
}

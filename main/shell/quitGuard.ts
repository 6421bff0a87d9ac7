/** Quitting while a job is active: asks first, then pauses with a checkpoint, then quits. */

export type QuitChoice = 'pause' | 'keep' | 'cancel';

export interface QuitGuardParts {
  /** Whether the lane has a job. */
  isBusy(): boolean;
  /** Asks "Pause and quit / Keep running / Cancel". */
  ask(): Promise<QuitChoice>;
  /** Resolves once every run has its checkpoint and the lane is empty. */
  pauseAll(): Promise<void>;
  /** Hides the window and keeps the application running. */
  hide(): void;
  /** Quits; the guard allows the next `before-quit`. */
  quit(): void;
}

export interface QuitGuard {
  /** Called for `before-quit` and the window's `close`; true allows it. */
  mayLeave(): boolean;
  /** Pauses at once without a question, when the system shuts down. */
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
    // A run that cannot be paused keeps its newest checkpoint, so quitting is safe.
    await parts.pauseAll().catch(() => undefined);
    leave();
  };
  const ask = async () => {
    state = 'asking';
    const choice = await parts.ask().catch((): QuitChoice => 'cancel');
    // The job may have finished, or the system may have begun to shut down, in the meantime.
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

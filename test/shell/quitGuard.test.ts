import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createQuitGuard, type QuitChoice } from '../../main/shell/quitGuard.ts';

function createGuard(choice: QuitChoice, isBusy = true) {
  const order: string[] = [];
  const parts = {
    isBusy: () => isBusy,
    ask: vi.fn(() => Promise.resolve(choice)),
    pauseAll: vi.fn(() => Promise.resolve(void order.push('paused'))),
    hide: vi.fn(),
    quit: vi.fn(() => void order.push('quit')),
  };
  return { guard: createQuitGuard(parts), parts, order };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('quitting', () => {
  it('happens immediately if nothing is computed', () => {
    const { guard, parts } = createGuard('cancel', false);
    expect(guard.mayLeave()).toBe(true);
    expect(parts.ask).not.toHaveBeenCalled();
  });

  it('with "Pause and quit" waits for the checkpoint', async () => {
    const { guard, order } = createGuard('pause');
    expect(guard.mayLeave()).toBe(false);
    await settle();
    expect(order).toEqual(['paused', 'quit']);
    expect(guard.mayLeave()).toBe(true);
  });

  it('with "Keep running" only hides the window, and asks again the next time', async () => {
    const { guard, parts } = createGuard('keep');
    guard.mayLeave();
    await settle();
    expect(parts.hide).toHaveBeenCalledOnce();
    expect(parts.quit).not.toHaveBeenCalled();
    guard.mayLeave();
    expect(parts.ask).toHaveBeenCalledTimes(2);
  });

  it('with "Cancel", or a dialog that fails, changes nothing', async () => {
    const { guard, parts } = createGuard('cancel');
    parts.ask.mockRejectedValueOnce(new Error('no display'));
    for (let time = 0; time < 2; time++) {
      guard.mayLeave();
      await settle();
    }
    expect([parts.hide, parts.quit, parts.pauseAll].flatMap((call) => call.mock.calls)).toEqual([]);
  });

  it('is not prevented by a run that cannot be paused', async () => {
    const { guard, parts } = createGuard('pause');
    parts.pauseAll.mockRejectedValueOnce(new Error('disk full'));
    guard.mayLeave();
    await settle();
    expect(parts.quit).toHaveBeenCalledOnce();
  });

  it('does not wait for an answer if the system shuts down', async () => {
    const { guard, parts } = createGuard('cancel');
    parts.ask.mockReturnValueOnce(new Promise(() => undefined));
    guard.mayLeave();
    guard.leaveAtOnce();
    await settle();
    expect(parts.pauseAll).toHaveBeenCalledOnce();
    expect(parts.quit).toHaveBeenCalledOnce();
  });

  it('never pauses or quits twice, in any order of events', async () => {
    const events = fc.constantFrom('quit', 'shutdown', 'wait');
    const choices = fc.constantFrom<QuitChoice>('pause', 'keep', 'cancel');
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 12 }), choices, async (sequence, choice) => {
        const { guard, parts } = createGuard(choice);
        for (const next of sequence) {
          if (next === 'quit') guard.mayLeave();
          else if (next === 'shutdown') guard.leaveAtOnce();
          else await settle();
        }
        await settle();
        expect(parts.pauseAll.mock.calls.length).toBeLessThanOrEqual(1);
        expect(parts.quit.mock.calls.length).toBe(parts.pauseAll.mock.calls.length);
        if (sequence.includes('shutdown')) expect(parts.quit).toHaveBeenCalledOnce();
      }),
      { numRuns: 60 },
    );
  });
});

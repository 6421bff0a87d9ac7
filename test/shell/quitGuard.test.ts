import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createQuitGuard, type QuitChoice } from '../../main/shell/quitGuard.ts';

function open(choice: QuitChoice, isBusy = true) {
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

describe('leaving', () => {
  it('happens at once when nothing is computed', () => {
    const { guard, parts } = open('cancel', false);
    expect(guard.mayLeave()).toBe(true);
    expect(parts.ask).not.toHaveBeenCalled();
  });

  it('by "Pause and quit" waits for the checkpoint, then quits', async () => {
    const { guard, order } = open('pause');
    expect(guard.mayLeave()).toBe(false);
    await settle();
    expect(order).toEqual(['paused', 'quit']);
    expect(guard.mayLeave()).toBe(true);
  });

  it('by "Keep running" hides the window and stays; the next time it asks again', async () => {
    const { guard, parts } = open('keep');
    guard.mayLeave();
    await settle();
    expect(parts.hide).toHaveBeenCalledOnce();
    expect(parts.quit).not.toHaveBeenCalled();
    guard.mayLeave();
    expect(parts.ask).toHaveBeenCalledTimes(2);
  });

  it('by "Cancel", or by a dialog that fails, changes nothing', async () => {
    const { guard, parts } = open('cancel');
    parts.ask.mockRejectedValueOnce(new Error('no display'));
    for (let time = 0; time < 2; time++) {
      guard.mayLeave();
      await settle();
    }
    expect([parts.hide, parts.quit, parts.pauseAll].flatMap((call) => call.mock.calls)).toEqual([]);
  });

  it('is not stopped by a run that cannot be paused', async () => {
    const { guard, parts } = open('pause');
    parts.pauseAll.mockRejectedValueOnce(new Error('disk full'));
    guard.mayLeave();
    await settle();
    expect(parts.quit).toHaveBeenCalledOnce();
  });

  it('asks no question when the system shuts down, even over an open question', async () => {
    const { guard, parts } = open('cancel');
    parts.ask.mockReturnValueOnce(new Promise(() => undefined));
    guard.mayLeave();
    guard.leaveAtOnce();
    await settle();
    expect(parts.pauseAll).toHaveBeenCalledOnce();
    expect(parts.quit).toHaveBeenCalledOnce();
  });

  it('never pauses or quits twice, in whatever order it is asked', async () => {
    const act = fc.constantFrom('quit', 'shutdown', 'wait');
    const choices = fc.constantFrom<QuitChoice>('pause', 'keep', 'cancel');
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), choices, async (acts, choice) => {
        const { guard, parts } = open(choice);
        for (const next of acts) {
          if (next === 'quit') guard.mayLeave();
          else if (next === 'shutdown') guard.leaveAtOnce();
          else await settle();
        }
        await settle();
        expect(parts.pauseAll.mock.calls.length).toBeLessThanOrEqual(1);
        expect(parts.quit.mock.calls.length).toBe(parts.pauseAll.mock.calls.length);
        if (acts.includes('shutdown')) expect(parts.quit).toHaveBeenCalledOnce();
      }),
      { numRuns: 60 },
    );
  });
});

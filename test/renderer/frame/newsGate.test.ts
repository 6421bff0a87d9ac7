import { describe, expect, it } from 'vitest';
import { createNewsGate } from '../../../renderer/stores/newsGate.ts';

describe('an answer', () => {
  it('is the newest where nothing was heard since it was asked for', async () => {
    const gate = createNewsGate();
    gate.hear();
    expect(await gate.wait(Promise.resolve('a'))).toEqual({ value: 'a', isNewest: true });
  });

  it('is old where an event overtook it', async () => {
    const gate = createNewsGate();
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = gate.wait(promise);
    gate.hear();
    resolve('a');
    expect(await waiting).toEqual({ value: 'a', isNewest: false });
  });
});

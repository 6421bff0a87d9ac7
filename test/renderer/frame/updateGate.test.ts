import { describe, expect, it } from 'vitest';
import { createUpdateGate } from '../../../renderer/stores/updateGate.ts';

describe('createUpdateGate', () => {
  it('A response is the newest if no event arrived since the request', async () => {
    const gate = createUpdateGate();
    gate.countEvent();
    expect(await gate.wait(Promise.resolve('a'))).toEqual({ value: 'a', isNewest: true });
  });

  it('A response is outdated if an event arrived meanwhile', async () => {
    const gate = createUpdateGate();
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = gate.wait(promise);
    gate.countEvent();
    resolve('a');
    expect(await waiting).toEqual({ value: 'a', isNewest: false });
  });
});

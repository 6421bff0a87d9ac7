import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extendTo,
  inOrder,
  keepListed,
  noSelection,
  selectAll,
  selectOnly,
  stateOf,
  toggle,
} from '../../../renderer/models/runs/selection.ts';

const orders = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });
const chosen = orders.chain((order) =>
  fc.record({
    order: fc.constant(order),
    picks: fc.array(fc.constantFrom(...order), { maxLength: 10 }),
    from: fc.nat(order.length - 1),
    to: fc.nat(order.length - 1),
  }),
);

describe('selecting runs', () => {
  it('is undone by toggling the same run twice', () => {
    fc.assert(
      fc.property(chosen, ({ order, picks, from }) => {
        const before = picks.reduce(toggle, noSelection);
        const after = toggle(toggle(before, order[from]), order[from]);
        expect(after.ids).toEqual(before.ids);
      }),
    );
  });

  it('reaches from the anchor to the run clicked with Shift, whichever comes first, both included', () => {
    fc.assert(
      fc.property(chosen, ({ order, from, to }) => {
        const range = extendTo(selectOnly(order[from]), order[to], order);
        expect(range.ids.size).toBe(Math.abs(from - to) + 1);
        expect(inOrder(range, order)).toEqual(order.slice(Math.min(from, to), Math.max(from, to) + 1));
        expect(range.anchor).toBe(order[from]);
      }),
    );
  });

  it('turns round the anchor: a second Shift click replaces the first range', () => {
    const order = ['a', 'b', 'c', 'd', 'e'];
    const down = extendTo(selectOnly('c'), 'e', order);
    expect(inOrder(extendTo(down, 'a', order), order)).toEqual(['a', 'b', 'c']);
  });

  it('starts anew where the anchor is not in the list', () => {
    expect(extendTo(selectOnly('gone'), 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
    expect(extendTo(noSelection, 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
  });

  it('never holds a run that is not listed any more', () => {
    fc.assert(
      fc.property(chosen, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (choice, stays) => {
        const selection = choice.picks.reduce(toggle, noSelection);
        const order = choice.order.filter((_, index) => stays[index]);
        const kept = keepListed(selection, order);
        expect([...kept.ids].every((id) => order.includes(id))).toBe(true);
        expect(kept.ids.size).toBe(inOrder(selection, order).length);
        expect(kept.anchor === null || order.includes(kept.anchor)).toBe(true);
      }),
    );
  });

  it('tells nothing, some and everything apart', () => {
    const order = ['a', 'b'];
    expect(stateOf(noSelection, 2)).toBe('none');
    expect(stateOf(selectOnly('a'), 2)).toBe('some');
    expect(stateOf(selectAll(selectOnly('a'), order), 2)).toBe('all');
    expect(selectAll(selectOnly('a'), order).anchor).toBe('a');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extendTo,
  selectedInOrder,
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

describe('selection', () => {
  it('Toggling a run twice restores the selection', () => {
    fc.assert(
      fc.property(chosen, ({ order, picks, from }) => {
        const before = picks.reduce(toggle, noSelection);
        const after = toggle(toggle(before, order[from]), order[from]);
        expect(after.ids).toEqual(before.ids);
      }),
    );
  });

  it('Shift selects everything between the anchor and the clicked run, in both directions', () => {
    fc.assert(
      fc.property(chosen, ({ order, from, to }) => {
        const range = extendTo(selectOnly(order[from]), order[to], order);
        expect(range.ids.size).toBe(Math.abs(from - to) + 1);
        expect(selectedInOrder(range, order)).toEqual(
          order.slice(Math.min(from, to), Math.max(from, to) + 1),
        );
        expect(range.anchor).toBe(order[from]);
      }),
    );
  });

  it('A second Shift click replaces the first range', () => {
    const order = ['a', 'b', 'c', 'd', 'e'];
    const down = extendTo(selectOnly('c'), 'e', order);
    expect(selectedInOrder(extendTo(down, 'a', order), order)).toEqual(['a', 'b', 'c']);
  });

  it('Without an anchor in the list, Shift selects a single run', () => {
    expect(extendTo(selectOnly('gone'), 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
    expect(extendTo(noSelection, 'b', ['a', 'b', 'c'])).toEqual(selectOnly('b'));
  });

  it('The selection never contains a run that is not listed', () => {
    fc.assert(
      fc.property(chosen, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (choice, stays) => {
        const selection = choice.picks.reduce(toggle, noSelection);
        const order = choice.order.filter((_, index) => stays[index]);
        const kept = keepListed(selection, order);
        expect([...kept.ids].every((id) => order.includes(id))).toBe(true);
        expect(kept.ids.size).toBe(selectedInOrder(selection, order).length);
        expect(kept.anchor === null || order.includes(kept.anchor)).toBe(true);
      }),
    );
  });

  it('The state distinguishes nothing, some and all', () => {
    const order = ['a', 'b'];
    expect(stateOf(noSelection, 2)).toBe('none');
    expect(stateOf(selectOnly('a'), 2)).toBe('some');
    expect(stateOf(selectAll(selectOnly('a'), order), 2)).toBe('all');
    expect(selectAll(selectOnly('a'), order).anchor).toBe('a');
  });
});

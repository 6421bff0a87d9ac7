import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isFiltered,
  readQuery,
  toggleValue,
  withoutFilters,
  writeQuery,
} from '../../../renderer/models/runs/queryAddress.ts';
import { runSortKeys, runQuerySchema, runViews } from '../../../shared/runList.ts';
import { runStatuses } from '../../../shared/run.ts';

const newestFirst = [{ by: 'createdAt' as const, descending: true }];

const queries = fc.record({
  view: fc.constantFrom(...runViews),
  text: fc.string({ maxLength: 200 }),
  statuses: fc.uniqueArray(fc.constantFrom(...runStatuses)),
  presets: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }),
  tags: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
  sort: fc.uniqueArray(fc.record({ by: fc.constantFrom(...runSortKeys), descending: fc.boolean() }), {
    selector: ({ by }) => by,
    minLength: 1,
  }),
});

describe('the query in the address', () => {
  it('is unchanged after a round trip', () => {
    fc.assert(
      fc.property(queries, (query) => {
        expect(readQuery(writeQuery(query, newestFirst), newestFirst)).toEqual(query);
      }),
    );
  });

  it('is empty for the unfiltered list', () => {
    const plain = readQuery({}, newestFirst);
    expect(writeQuery(plain, newestFirst)).toEqual({});
    expect(isFiltered(plain)).toBe(false);
  });

  it('is valid for any address', () => {
    const parameters = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.string({ maxLength: 300 }),
      fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.constant(null)), { maxLength: 80 }),
    );
    const names = ['view', 'text', 'status', 'preset', 'tag', 'sort'] as const;
    const addresses = fc.record(Object.fromEntries(names.map((name) => [name, parameters])));
    fc.assert(
      fc.property(addresses, (address) => {
        expect(runQuerySchema.safeParse(readQuery(address, newestFirst)).error).toBeUndefined();
      }),
    );
  });

  it('ignores unknown and repeated values', () => {
    const query = readQuery(
      { status: ['paused', 'lost', 'paused'], sort: ['-loss', 'nonsense', 'loss'] },
      [],
    );
    expect(query.statuses).toEqual(['paused']);
    expect(query.sort).toEqual([{ by: 'loss', descending: true }]);
  });

  it('keeps view and order if the filters are cleared', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const cleared = withoutFilters(query);
        expect(isFiltered(cleared)).toBe(false);
        expect([cleared.view, cleared.sort]).toEqual([query.view, query.sort]);
      }),
    );
  });

  it('can be changed by adding and removing values of a filter', () => {
    expect(toggleValue(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggleValue(['a', 'b'], 'a')).toEqual(['b']);
  });
});

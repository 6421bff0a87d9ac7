import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestNames, requests } from '../../shared/contract.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePreset, tiny } from '../../shared/config/presets.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

/** Returns the names and contents of all files, except the log, that a request could change. */
function readState(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lab.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  return JSON.stringify(files.map((file) => [file, readFileSync(file, 'latin1')]));
}

const valid = {
  id: 'abcdefgh',
  ids: ['abcdefgh'],
  config: resolvePreset(tiny),
  datasetId: 'synthetic',
  names: ['loss'],
};

const invalidInputs = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
  }),
  fc.constantFrom<unknown>(
    null,
    undefined,
    [],
    '',
    0,
    NaN,
    () => 1,
    Symbol('x'),
    '../../etc/passwd',
    'x'.repeat(1e5),
  ),
  // An unknown field, or a known one with an invalid value.
  fc.record({
    id: fc.constantFrom('../a', '', 'ABCDEFGH', 'abcdefg\0', 'abcdefgh\n', 7, null),
    extra: fc.anything(),
  }),
  fc.dictionary(
    fc.constantFrom(...Object.keys(valid), '__proto__', 'constructor', 'limit', 'text'),
    fc.anything(),
  ),
);

describe('every channel of the contract', () => {
  it('answers invalid input with the code "invalid", without throwing or changing anything', async () => {
    const { answer, folder, ask, sentEvents } = await openExampleLaboratory();
    const before = [readState(folder), await ask('runs.list', {})];
    for (const name of requestNames) {
      await fc.assert(
        fc.asyncProperty(invalidInputs, async (input) => {
          fc.pre(!requests[name].input.safeParse(input).success);
          const result = await answer(name, input);
          expect(result).toMatchObject({ ok: false, failure: { code: 'invalid' } });
          expect(JSON.stringify(result)).not.toMatch(/\.ts:\d|node_modules/);
        }),
        { numRuns: 60 },
      );
    }
    expect([readState(folder), await ask('runs.list', {})]).toEqual(before);
    expect(sentEvents('runs.listChanged')).toEqual([]);
  });

  it.each(requestNames)('rejects an unknown key of %s and names it', async (name) => {
    const { answer } = await openExampleLaboratory();
    const result = await answer(name, { ...valid, unheardOf: 1 });
    expect(result).toMatchObject({ ok: false, failure: { code: 'invalid' } });
    expect(JSON.stringify(result)).toContain('nheardOf');
    expect(await answer(name, undefined)).toMatchObject({ ok: false, failure: { code: 'invalid' } });
  });

  it('reports the field, the channel, the time and the version of an invalid request', async () => {
    const { expectFailure } = await openExampleLaboratory();
    const { message, details } = await expectFailure('runs.get', { id: '../../x' });
    expect(message).toBe('id: expected a run id: 8 characters of a-z and 2-7. Correct it and try again.');
    expect(details).toMatch(/^runs\.get · \d{4}-\d\d-\d\dT.*Z · version 1\.2\.3 · /);
  });
});

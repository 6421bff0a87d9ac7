import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import '../../../shared/text/schemaMessages.ts';

const kinds = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drawn') }),
  z.strictObject({ kind: z.literal('painted') }),
]);

describe('the message of a schema', () => {
  it.each<[z.ZodType, unknown, string]>([
    [z.number(), undefined, 'found nothing, expected a number'],
    [z.number(), 'many', 'found “many”, expected a number'],
    [z.number(), NaN, 'found NaN, expected a number'],
    [z.int(), 1.5, 'found 1.5, expected a whole number'],
    [z.int().min(1), 0, 'found 0, expected at least 1'],
    [z.number().gt(0), -2, 'found -2, expected more than 0'],
    [z.number().lt(1), 1, 'found 1, expected less than 1'],
    [z.number().multipleOf(8), 12, 'found 12, expected a multiple of 8'],
    [z.string().min(1), '', 'found nothing, expected at least 1 character'],
    [z.string().max(70), 'x'.repeat(80), `found “${'x'.repeat(60)}…”, expected at most 70 characters`],
    [z.array(z.int()).max(2), [1, 2, 3], 'found a list of 3, expected at most 2 entries'],
    [z.enum(['on', 'off', 'auto']), 'yes', 'found “yes”, expected “on”, “off” or “auto”'],
    [z.literal(1), 2, 'found 2, expected 1'],
    [z.strictObject({}), [], 'found an empty list, expected named values in braces'],
    [z.strictObject({}), { speed: 1, size: 2 }, 'unknown names: speed, size'],
    [kinds, { kind: 'torn' }, 'found “torn”, expected “drawn” or “painted”'],
    [z.string().regex(/^a/, 'expected an a'), 'b', 'expected an a'],
  ])('says what was found and expected: %#', (schema, value, message) => {
    expect(schema.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});

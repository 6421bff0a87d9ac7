/**
 * The messages of schemas: the value found and what was expected, in words for people. Importing this file makes every
 * schema of the process use them; messages that a schema states itself take precedence.
 */

import { z } from 'zod';

z.config({ localeError: describeIssue });

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const longestText = 60;

/** Returns `found 0, expected at least 1`: no capital letter and no full stop, so that it can follow the name of a value. */
export function describeIssue(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') {
    const names: readonly unknown[] = Array.isArray(issue.keys) ? issue.keys : [];
    return `unknown ${names.length > 1 ? 'names' : 'name'}: ${names.map(String).join(', ')}`;
  }
  return `found ${describeValue(valueOf(issue))}, expected ${describeExpected(issue)}`;
}

/** The input of a union is the whole record; what decides is one of its values. */
function valueOf(issue: Issue): unknown {
  const { input } = issue;
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return input;
  return typeof input === 'object' && input !== null ? Reflect.get(input, issue.discriminator) : input;
}

function describeExpected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return formatChoices(issue.values.map(describeValue));
    case 'too_small':
      return describeLimit(issue, Number(issue.minimum), ['at least', 'more than']);
    case 'too_big':
      return describeLimit(issue, Number(issue.maximum), ['at most', 'less than']);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return formatChoices(listOptions(issue.options)) || 'another kind of value';
    case 'invalid_format':
      return issue.format === 'regex' ? 'text of another form' : `text of the form ${issue.format}`;
    default:
      return 'another value';
  }
}

const types: Readonly<Partial<Record<string, string>>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'named values in braces',
  record: 'named values in braces',
  null: 'nothing',
  undefined: 'nothing',
};

function describeLimit(
  { origin, inclusive }: { readonly origin: string; readonly inclusive?: boolean },
  limit: number,
  [including, excluding]: readonly [string, string],
): string {
  const text = `${inclusive === false ? excluding : including} ${limit}`;
  if (origin === 'string') return `${text} ${limit === 1 ? 'character' : 'characters'}`;
  return origin === 'array' ? `${text} ${limit === 1 ? 'entry' : 'entries'}` : text;
}

function listOptions(options: unknown): string[] {
  return Array.isArray(options) ? options.map(describeValue) : [];
}

/** Describes a value of any kind; long texts are cut. */
function describeValue(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  if (typeof value === 'string')
    return value.length > longestText ? `“${value.slice(0, longestText)}…”` : `“${value}”`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  return typeof value === 'object' ? 'named values in braces' : String(value);
}

function formatChoices(choices: readonly string[]): string {
  return choices.length > 1 ? `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}` : choices.join('');
}

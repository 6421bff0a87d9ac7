import { Linter } from 'eslint';
import { expect, it } from 'vitest';
import { language } from './plainWords.mjs';

/** Returns the words that the rule reports in a module. */
function reportedWords(code: string): string[] {
  const config = { plugins: { language }, rules: { 'language/plain-words': 'error' } } as const;
  return new Linter().verify(code, [config]).map(({ message }) => message.split('"')[1]);
}

it('Words are reported in comments, strings and templates, each time they occur', () => {
  expect(reportedWords('/* A picture beside a picture. */')).toEqual(['picture', 'beside', 'picture']);
  expect(reportedWords("throw new Error('The data set is gone.');")).toEqual(['data set']);
  expect(reportedWords('throw new Error(`Training goes on at ${step}.`);')).toEqual(['goes on']);
});

it('Names are not reported: strings without a space, paths, selectors, identifiers in backticks, and SQL', () => {
  expect(reportedWords("open('pictures');")).toEqual([]);
  expect(reportedWords('/* See pictures/ and `picture`. */')).toEqual([]);
  expect(reportedWords("css('body #pictures { }');")).toEqual([]);
  expect(reportedWords("db.run('SELECT id FROM pictures');")).toEqual([]);
});

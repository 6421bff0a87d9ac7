/** The page calls pixels known or hidden; tables and protocols, which papers quote, call them observed or unobserved. */

const words: readonly (readonly [RegExp, string])[] = [
  [/\bunobserved\b/g, 'hidden'],
  [/\bobserved\b/g, 'known'],
  [/\bObserved\b/g, 'Known'],
];

/** Returns a text of the method as the page writes it. */
export function inPageWords(text: string): string {
  return words.reduce((written, [pattern, word]) => written.replace(pattern, word), text);
}

/** Text from outside, safe to print in a line. */

/** Line ends and other control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** JSON from outside that says every thing once. */

/**
 * The object of a JSON text in which no key stands twice, at whatever depth; else what is wrong with it, also where it is
 * nested too deeply to be walked through.
 */
export function parseUniqueObject(
  text: string,
): { readonly value: Readonly<Record<string, unknown>> } | { readonly fault: string } {
  let value: unknown;
  let kept = 0;
  try {
    value = JSON.parse(text);
    kept = countKeys(value);
  } catch {
    return { fault: 'text that is not JSON' };
  }
  if (!isRecord(value) || !text.startsWith('{')) return { fault: 'another value' };
  // JSON.parse keeps the last of two equal keys and says nothing: then fewer keys come out than the text has.
  const written = countWrittenKeys(text);
  return written === kept
    ? { value }
    : { fault: `${written} keys, some of them twice: ${kept} different ones` };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return members.reduce(
    (sum: number, member) => sum + countKeys(member),
    isRecord(value) ? members.length : 0,
  );
}

/** Number of `"key":` in valid JSON text. */
function countWrittenKeys(text: string): number {
  let keys = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    let end = start + 1;
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    let next = end + 1;
    while (' \t\n\r'.includes(text[next] ?? '!')) next++;
    if (text[next] === ':') keys++;
    start = text.indexOf('"', end + 1);
  }
  return keys;
}

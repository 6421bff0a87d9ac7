/** Short names of data sources: the kind and the last part of the path. */

/** `folder:/home/me/birds` → `birds`, `elsewhere:birds` → `birds`, `cifar10:/data/cifar` → `cifar10 (cifar)`, `synthetic:7` stays. */
export function describeSource(source: string): string {
  const colon = source.indexOf(':');
  const kind = colon < 0 ? source : source.slice(0, colon);
  const name = source
    .slice(colon + 1)
    .split(/[\\/]/)
    .filter(Boolean)
    .at(-1);
  if (colon < 0 || kind === 'synthetic' || name === undefined) return source;
  return kind === 'folder' || kind === 'elsewhere' ? name : `${kind} (${name})`;
}

/** Names that fit a file system: lengths count in bytes of UTF-8, and no character is cut in two. */

/** The longest start of `text` of at most `limit` bytes that ends between two visible characters. */
export function cutToBytes(text: string, limit: number): string {
  if (utf8Length(text) <= limit) return text;
  let cut = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    bytes += utf8Length(segment);
    if (bytes > limit) break;
    cut += segment;
  }
  return cut;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * A safe subset of Markdown as a tree: headings, paragraphs, lists, code, emphasis and links. There is no raw HTML, no image
 * and no style, so that a note from another machine can do nothing but be read.
 */

export type MarkdownInline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis'; readonly content: readonly MarkdownInline[] }
  /** `href` is one of `safeAddresses`. */
  | { readonly kind: 'link'; readonly href: string; readonly content: readonly MarkdownInline[] };

export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly content: readonly MarkdownInline[] }
  /** Lines of a paragraph are kept as they were typed. */
  | { readonly kind: 'paragraph'; readonly lines: readonly (readonly MarkdownInline[])[] }
  | {
      readonly kind: 'list';
      readonly isOrdered: boolean;
      readonly items: readonly (readonly MarkdownInline[])[];
    }
  | { readonly kind: 'code'; readonly text: string };

/** The addresses that links may have; every other link stays text. */
const safeAddresses = /^(?:https?:\/\/[^\s/?#]|mailto:[^\s@])\S*$/i;

const fence = /^ {0,3}```/;
const heading = /^ {0,3}(#{1,6}) +(.*?)(?: +#+)? *$/;
const bullet = /^ {0,3}[-*+] +(.*)$/;
const numbered = /^ {0,3}\d{1,9}[.)] +(.*)$/;

/** Parses a text; every text is valid. Marks that are not closed stay as they were typed. */
export function parseMarkdown(text: string): MarkdownBlock[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: MarkdownBlock[] = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].trim() === '') {
      at += 1;
      continue;
    }
    const [block, length] = readBlock(lines.slice(at));
    blocks.push(block);
    at += length;
  }
  return blocks;
}

/** Returns the first block and its number of lines. `lines` begins with one that is not empty. */
function readBlock(lines: readonly string[]): [MarkdownBlock, number] {
  if (fence.test(lines[0])) return readCode(lines);
  const found = heading.exec(lines[0]);
  if (found) {
    const level = Math.min(3, found[1].length) as 1 | 2 | 3;
    return [{ kind: 'heading', level, content: parseInline(found[2]) }, 1];
  }
  for (const [pattern, isOrdered] of [
    [bullet, false],
    [numbered, true],
  ] as const) {
    const end = lines.findIndex((line) => !pattern.test(line));
    const items = lines.slice(0, end < 0 ? lines.length : end);
    if (items.length === 0) continue;
    const content = items.map((line) => parseInline(pattern.exec(line)?.[1] ?? ''));
    return [{ kind: 'list', isOrdered, items: content }, items.length];
  }
  const end = lines.findIndex((line, index) => index > 0 && beginsBlock(line));
  const own = lines.slice(0, end < 0 ? lines.length : end);
  return [{ kind: 'paragraph', lines: own.map((line) => parseInline(line.trim())) }, own.length];
}

function readCode(lines: readonly string[]): [MarkdownBlock, number] {
  const end = lines.findIndex((line, index) => index > 0 && fence.test(line));
  const last = end < 0 ? lines.length : end;
  return [{ kind: 'code', text: lines.slice(1, last).join('\n') }, Math.min(lines.length, last + 1)];
}

function beginsBlock(line: string): boolean {
  return line.trim() === '' || [fence, heading, bullet, numbered].some((pattern) => pattern.test(line));
}

/** Code, links with a title or bare, strong and emphasised text; an underscore within a word is one. Lengths are limited, so that marks that are never closed cost little. */
const inline =
  /`([^`]{1,1000})`|\[([^\]]{1,1000})\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])|\*\*(?=\S)(.{1,1000}?)(?<=\S)\*\*|\*(?=[^\s*])([^*]{1,1000}?)(?<=\S)\*|(?<!\w)_(?=\S)([^_]{1,1000}?)(?<=\S)_(?!\w)/g;

function parseInline(text: string): MarkdownInline[] {
  const parts: MarkdownInline[] = [];
  let end = 0;
  for (const found of text.matchAll(inline)) {
    if (found.index > end) parts.push({ kind: 'text', text: text.slice(end, found.index) });
    parts.push(toInline(found));
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function toInline(found: RegExpMatchArray): MarkdownInline {
  const [whole, code, title, address, bare, strong, starred, underlined] = found as (string | undefined)[];
  if (code !== undefined) return { kind: 'code', text: code };
  const href = safeAddress(address ?? bare);
  if (href !== null)
    return {
      kind: 'link',
      href,
      content: title === undefined ? [{ kind: 'text', text: href }] : parseInline(title),
    };
  if (strong !== undefined) return { kind: 'strong', content: parseInline(strong) };
  const emphasised = starred ?? underlined;
  if (emphasised !== undefined) return { kind: 'emphasis', content: parseInline(emphasised) };
  return { kind: 'text', text: whole ?? '' };
}

/** Returns the address if it is absolute and safe to open, as it was typed; otherwise null. */
function safeAddress(address: string | undefined): string | null {
  return address !== undefined && safeAddresses.test(address) ? address : null;
}

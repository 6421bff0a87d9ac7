import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarkdownBlock, type MarkdownInline, parseMarkdown } from '../../../shared/text/markdown.ts';

const plain = (text: string): MarkdownInline => ({ kind: 'text', text });

/** Returns the text of a tree without its marks. */
function textOf(parts: readonly MarkdownInline[]): string {
  return parts
    .map((part) => ('content' in part ? textOf(part.content) : 'text' in part ? part.text : '\n'))
    .join('');
}

function linksOf(blocks: readonly MarkdownBlock[]): string[] {
  const ofParts = (parts: readonly MarkdownInline[]): string[] =>
    parts.flatMap((part) =>
      'content' in part ? [...(part.kind === 'link' ? [part.href] : []), ...ofParts(part.content)] : [],
    );
  return blocks.flatMap((block) => {
    if (block.kind === 'heading' || block.kind === 'paragraph') return ofParts(block.content);
    if (block.kind === 'quote') return linksOf(block.content);
    return block.kind === 'list' ? block.items.flatMap(linksOf) : [];
  });
}

const paragraph = (...content: readonly MarkdownInline[]) => ({ kind: 'paragraph', content });

describe('parseMarkdown', () => {
  it('finds headings, paragraphs with their lines, lists and code', () => {
    const text =
      '# Aim\nTwice the width.\nLooks better.\n\n- edges\n- text\n\n2. second\n\n```\n# not\n<b>a</b>\n```\nend';
    expect(parseMarkdown(text)).toEqual([
      { kind: 'heading', level: 1, content: [plain('Aim')] },
      paragraph(plain('Twice the width.'), { kind: 'break' }, plain('Looks better.')),
      {
        kind: 'list',
        isOrdered: false,
        start: 1,
        items: [[paragraph(plain('edges'))], [paragraph(plain('text'))]],
      },
      { kind: 'list', isOrdered: true, start: 2, items: [[paragraph(plain('second'))]] },
      { kind: 'code', text: '# not\n<b>a</b>' },
      paragraph(plain('end')),
    ]);
  });

  it('finds emphasis, code and links, and leaves names with underscores alone', () => {
    const [block] = parseMarkdown('a **b *c*** `*d*` keep_ratio_max [page](https://a.example/b?c=1) _e_');
    expect(block).toEqual(
      paragraph(
        plain('a '),
        { kind: 'strong', content: [plain('b '), { kind: 'emphasis', content: [plain('c')] }] },
        plain(' '),
        { kind: 'code', text: '*d*' },
        plain(' keep_ratio_max '),
        { kind: 'link', href: 'https://a.example/b?c=1', content: [plain('page')] },
        plain(' '),
        { kind: 'emphasis', content: [plain('e')] },
      ),
    );
  });

  it('finds quotes and lists in lists, marks tasks, and keeps images, tables and HTML blocks as text', () => {
    expect(parseMarkdown('> quoted\n\n---\n\n- [x] done\n  - nested')).toEqual([
      { kind: 'quote', content: [paragraph(plain('quoted'))] },
      { kind: 'rule' },
      {
        kind: 'list',
        isOrdered: false,
        start: 1,
        items: [
          [
            paragraph(plain('☑ '), plain('done')),
            { kind: 'list', isOrdered: false, start: 1, items: [[paragraph(plain('nested'))]] },
          ],
        ],
      },
    ]);
    expect(parseMarkdown('![a](https://a.example/b.png)\n\n<div onclick=x>b</div>\n\n|a|\n|-|\n|1|')).toEqual(
      [
        paragraph(plain('![a](https://a.example/b.png)')),
        paragraph(plain('<div onclick=x>b</div>')),
        { kind: 'code', text: '|a|\n|-|\n|1|' },
      ],
    );
  });

  it('links to web and mail addresses only; HTML and other addresses stay text', () => {
    const unsafe = '[x](javascript:alert) [y](data:text/html,z) [z](/etc/passwd) <img src=x onerror=alert>';
    expect(linksOf(parseMarkdown(unsafe))).toEqual([]);
    const [block] = parseMarkdown(unsafe);
    expect(block.kind === 'paragraph' && textOf(block.content)).toBe(unsafe);
    const safe = 'See https://a.example/b. Or [write](mailto:me@a.example)';
    expect(linksOf(parseMarkdown(safe))).toEqual(['https://a.example/b', 'mailto:me@a.example']);
  });

  it('accepts every text, and every link it finds is safe', () => {
    const mark = fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '```',
      '[',
      '](',
      ')',
      '# ',
      '- ',
      '\n',
      'http://a',
      'javascript:',
      'b ',
    );
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 40 }), (parts) => {
        for (const href of linksOf(parseMarkdown(parts.join('')))) expect(href).toMatch(/^(https?|mailto):/);
      }),
    );
  });
});

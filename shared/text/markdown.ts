/**
 * Markdown of notes and introductions as a tree without raw HTML, images and styles, so that a text from another machine can do
 * nothing but be read. `marked` finds the parts; nothing of it writes markup.
 */

import { Marked, type MarkedToken, type Token, type Tokens } from 'marked';

export type MarkdownInline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | {
      readonly kind: 'strong' | 'emphasis' | 'deleted';
      readonly content: readonly MarkdownInline[];
    }
  /** `href` is one of `safeAddresses`. */
  | { readonly kind: 'link'; readonly href: string; readonly content: readonly MarkdownInline[] };

export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly content: readonly MarkdownInline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly MarkdownInline[] }
  | {
      readonly kind: 'list';
      readonly isOrdered: boolean;
      readonly start: number;
      readonly items: readonly (readonly MarkdownBlock[])[];
    }
  | { readonly kind: 'quote'; readonly content: readonly MarkdownBlock[] }
  | { readonly kind: 'rule' }
  | { readonly kind: 'code'; readonly text: string };

/** The addresses that links may have; every other link stays text. */
const safeAddresses = /^(?:https?:\/\/[^\s/?#]|mailto:[^\s@])\S*$/i;

/** Lines of a paragraph are kept as they were typed. */
const parser = new Marked({ gfm: true, breaks: true });

/** Parses a text; every text is valid. What is not in the tree, such as HTML, images and tables, stays text. */
export function parseMarkdown(text: string): MarkdownBlock[] {
  return toBlocks(parser.lexer(text));
}

function toBlocks(tokens: readonly Token[]): MarkdownBlock[] {
  return tokens.flatMap((token) => toBlock(token as MarkedToken));
}

function toBlock(token: MarkedToken): MarkdownBlock[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'heading': {
      const level = Math.min(3, token.depth) as 1 | 2 | 3;
      return [{ kind: 'heading', level, content: toInlines(token.tokens) }];
    }
    case 'paragraph':
      return [{ kind: 'paragraph', content: toInlines(token.tokens) }];
    case 'text':
      return [{ kind: 'paragraph', content: toInline(token) }];
    case 'list':
      return [
        {
          kind: 'list',
          isOrdered: token.ordered,
          start: Number(token.start) || 1,
          items: token.items.map(toItem),
        },
      ];
    case 'blockquote':
      return [{ kind: 'quote', content: toBlocks(token.tokens ?? []) }];
    case 'hr':
      return [{ kind: 'rule' }];
    case 'code':
      return [{ kind: 'code', text: token.text }];
    case 'table':
      return [{ kind: 'code', text: token.raw.trimEnd() }];
    default:
      return [{ kind: 'paragraph', content: [{ kind: 'text', text: token.raw.trimEnd() }] }];
  }
}

/** The box of a task is text in front of it. */
function toItem({ tokens, task, checked }: Tokens.ListItem): MarkdownBlock[] {
  const [first, ...others] = toBlocks(tokens.filter(({ type }) => type !== 'checkbox'));
  if (!task || first?.kind !== 'paragraph') return first ? [first, ...others] : [];
  const box = { kind: 'text', text: checked ? '☑ ' : '☐ ' } as const;
  return [{ ...first, content: [box, ...first.content] }, ...others];
}

function toInlines(tokens: readonly Token[]): MarkdownInline[] {
  return tokens.flatMap((token) => toInline(token as MarkedToken));
}

function toInline(token: MarkedToken): MarkdownInline[] {
  switch (token.type) {
    case 'text':
      return token.tokens ? toInlines(token.tokens) : [{ kind: 'text', text: token.text }];
    case 'escape':
      return [{ kind: 'text', text: token.text }];
    case 'codespan':
      return [{ kind: 'code', text: token.text }];
    case 'br':
      return [{ kind: 'break' }];
    case 'strong':
      return [{ kind: 'strong', content: toInlines(token.tokens) }];
    case 'em':
      return [{ kind: 'emphasis', content: toInlines(token.tokens) }];
    case 'del':
      return [{ kind: 'deleted', content: toInlines(token.tokens) }];
    case 'link':
      return [toLink(token)];
    default:
      return [{ kind: 'text', text: token.raw }];
  }
}

function toLink({ href, tokens, raw }: Tokens.Link): MarkdownInline {
  return safeAddresses.test(href)
    ? { kind: 'link', href, content: toInlines(tokens) }
    : { kind: 'text', text: raw };
}

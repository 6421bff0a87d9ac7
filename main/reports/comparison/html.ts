/** HTML made of text that is escaped by itself: what was not made here cannot become markup. */

import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

/** Text that is markup already. */
export interface Markup {
  readonly markup: string;
}

export type HtmlPart = Markup | string | number | null | readonly HtmlPart[];

/** A template whose values are escaped, but for markup; lists are joined, null is nothing. */
export function html(words: TemplateStringsArray, ...values: readonly HtmlPart[]): Markup {
  const parts = words.flatMap((word, index) => (index === 0 ? [word] : [toMarkup(values[index - 1]), word]));
  return { markup: parts.join('') };
}

/** An SVG document of `chartSvg`, whose texts are escaped. */
export function svgPicture(svg: string): Markup {
  return { markup: svg };
}

/** A value as JSON inside an element that is data: nothing in it can end the element. */
export function jsonData(value: unknown): Markup {
  const text = stringifyJson(value).replace(/[<>&\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return { markup: text };
}

function toMarkup(value: HtmlPart): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'markup' in value ? value.markup : value.map(toMarkup).join('');
}

const names: Readonly<Record<string, string>> = {
  ...{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' },
};

/** Control characters, which a page cannot show, become spaces; line ends stay. */
function escapeHtml(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ').replace(/[&<>"']/g, (sign) => `&${names[sign]};`);
}

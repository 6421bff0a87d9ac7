/** The page as both transports serve it: a map of its files, its content security policy and a nonce for its styles. */

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  /** Absolute path. */
  readonly file: string;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Maps every file below `folder` to its address, such as `/assets/index.js`; `/` is the page itself. Addresses are looked
 * up and never joined to a path.
 * @throws Error when the page is not built.
 */
export function mapPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) {
    throw new Error(`The page has not been built: ${page} is missing. Build it with: npm run build`);
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
    .map((entry): [string, PageFile] => {
      const file = join(entry.parentPath, entry.name);
      const address = file.slice(folder.length).replaceAll('\\', '/');
      return [address, { file, type: types[extname(entry.name)] }];
    });
  return new Map([...files, ['/', { file: page, type: types['.html'] }]]);
}

/** Returns a fresh nonce for one load of the page. */
export function createNonce(): string {
  return randomBytes(16).toString('base64');
}

/**
 * Returns the HTML of the page with the nonce of its style elements, where the code of the page finds it.
 * @param page Path of index.html.
 */
export function readPage(page: string, nonce: string): string {
  return insertNonce(readFileSync(page, 'utf8'), nonce);
}

export function insertNonce(html: string, nonce: string): string {
  return html.replace('<head>', `<head><meta name="csp-nonce" content="${nonce}" />`);
}

/** `connect` and `images`: sources in addition to the page's own origin. */
export function contentPolicy(nonce: string, extra: { connect?: string; images?: string } = {}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    `img-src 'self' blob: data:${extra.images ? ` ${extra.images}` : ''}`,
    `connect-src 'self'${extra.connect ? ` ${extra.connect}` : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Headers of every response. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The addresses of our own page and media, and the few external ones that may be opened. */

export const pageScheme = 'app';
export const mediaScheme = 'lab-media';
/** Host of both schemes. */
const host = 'lab';
export const pageOrigin = `${pageScheme}://${host}`;
export const pageAddress = `${pageOrigin}/`;

/** Sites that the application links to. */
const externalOrigins: readonly string[] = [
  'https://arxiv.org',
  'https://doi.org',
  'https://www.cs.toronto.edu',
  // Pages of new versions.
  'https://github.com',
];

/** Returns whether `address` is our own page; the hash does not matter. */
export function isOwnPage(address: string): boolean {
  const url = parse(address);
  return url?.protocol === `${pageScheme}:` && url.host === host && url.pathname === '/';
}

/** Returns whether the system's browser may open an address: exact https origins only. */
export function isOpenedOutside(address: string): boolean {
  const url = parse(address);
  return url !== null && url.username === '' && externalOrigins.includes(url.origin);
}

/**
 * Returns the path of one of our own addresses, such as `/assets/index.js`; null for any other address and for paths with
 * escapes or `..`.
 */
export function pathOf(scheme: string, address: string): string | null {
  const url = parse(address);
  if (url?.protocol !== `${scheme}:` || url.host !== host) return null;
  return /%|\\|\.\./.test(url.pathname) ? null : url.pathname;
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}

/** The addresses of our own page and pictures, and the few of others that may be opened. */

export const pageScheme = 'app';
export const mediaScheme = 'lab-media';
/** Host of both schemes. */
const host = 'lab';
export const pageOrigin = `${pageScheme}://${host}`;
export const pageAddress = `${pageOrigin}/`;

/** Sites that links in the application lead to. */
const externalOrigins: readonly string[] = [
  'https://arxiv.org',
  'https://doi.org',
  'https://www.cs.toronto.edu',
];

/** Whether `address` is our own page, whatever its hash. */
export function isOwnPage(address: string): boolean {
  const url = parse(address);
  return url?.protocol === `${pageScheme}:` && url.host === host && url.pathname === '/';
}

/** Whether the system's browser may open it: exact https origins only. */
export function isOpenedOutside(address: string): boolean {
  const url = parse(address);
  return url !== null && url.username === '' && externalOrigins.includes(url.origin);
}

/**
 * The path of one of our own addresses, `/assets/index.js`; null for any other address, and for one that hides
 * something in its path.
 */
export function pathOf(scheme: string, address: string): string | null {
  const url = parse(address);
  if (url?.protocol !== `${scheme}:` || url.host !== host) return null;
  return /%|\\|\.\./.test(url.pathname) ? null : url.pathname;
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}

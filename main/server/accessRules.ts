/** Who may ask the server: only a page that came from it, on this machine or through a tunnel to it. */

import type { IncomingHttpHeaders } from 'node:http';

export interface RequestFacts {
  readonly method: string;
  /** Whether it opens the page itself, which may follow a link from anywhere. */
  readonly opensPage: boolean;
  readonly headers: IncomingHttpHeaders;
}

/** Names of the loopback address. Any port: a tunnel (ssh -L) may end on another one than the server's. */
const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a request is refused, or null when it may go on; the session is checked after this. The Host rule stops names
 * that were pointed at this machine (DNS rebinding), the Origin rule stops other pages in the same browser.
 */
export function findRefusal({ method, opensPage, headers }: RequestFacts): string | null {
  const host = headers.host?.toLowerCase() ?? '';
  if (!loopback.test(host)) {
    return `Host "${host}" found, 127.0.0.1, localhost or [::1] expected. Open the link that was printed.`;
  }
  const { origin } = headers;
  const changesSomething = method !== 'GET' || headers.upgrade !== undefined;
  if (origin === undefined ? changesSomething : origin.toLowerCase() !== `http://${host}`) {
    return `Origin "${origin ?? ''}" found, http://${host} expected: other pages may not ask.`;
  }
  const site = headers['sec-fetch-site'];
  const isFollowedLink = opensPage && method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (site === undefined || site === 'same-origin' || site === 'none' || isFollowedLink) return null;
  return `A request from another site ("${String(site)}") found: other pages may not ask.`;
}

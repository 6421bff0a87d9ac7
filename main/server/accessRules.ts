/** Who may ask the server: only a page that came from it, on this machine or through a tunnel to it. */

import type { IncomingHttpHeaders } from 'node:http';

export interface RequestFacts {
  readonly method: string;
  /** Whether it opens the page itself, which may follow a link from anywhere. */
  readonly opensPage: boolean;
  readonly headers: IncomingHttpHeaders;
  /** Where this server listens. */
  readonly port: number;
}

/** Characters of a name from outside that are repeated. */
const longestName = 100;
/** Names of the loopback address. Any port: a tunnel (ssh -L) may end on another one than the server's. */
const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a request is refused and how to reach the page, or null when it may go on; the session is checked after this. The
 * Host rule stops names that were pointed at this machine (DNS rebinding), the Origin rule stops other pages in the same
 * browser.
 */
export function findRefusal({ method, opensPage, headers, port }: RequestFacts): string | null {
  const host = headers.host?.toLowerCase() ?? '';
  if (!loopback.test(host)) {
    const name = host === '' ? 'without a name' : `under the name "${host.slice(0, longestName)}"`;
    return (
      `This page was opened ${name}, but it answers only to 127.0.0.1 and localhost: reverse proxies and other names of ` +
      `this machine are not supported. ${tunnelAdvice(port)}`
    );
  }
  const { origin } = headers;
  const changesSomething = method !== 'GET' || headers.upgrade !== undefined;
  if (origin === undefined ? changesSomething : origin.toLowerCase() !== `http://${host}`) {
    const from =
      origin === undefined
        ? 'does not say which page it comes from'
        : `comes from ${origin.slice(0, longestName)}`;
    return (
      `This request ${from}, but only the server's own page at http://${host} may send requests: other pages and ` +
      `reverse proxies are not supported. ${tunnelAdvice(port)}`
    );
  }
  const site = headers['sec-fetch-site'];
  const isFollowedLink = opensPage && method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (site === undefined || site === 'same-origin' || site === 'none' || isFollowedLink) return null;
  return `This request comes from another site, but only the server's own page at http://${host} may send requests. Open the link that "npm start" printed.`;
}

function tunnelAdvice(port: number): string {
  return (
    `From another machine, forward the port there: ssh -L ${port}:127.0.0.1:${port} user@machine. ` +
    'Then open the link that "npm start" printed.'
  );
}

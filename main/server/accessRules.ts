/** Which requests the server accepts: only those of its own page, on this machine or through a tunnel to it. */

import type { IncomingHttpHeaders } from 'node:http';

export interface RequestFacts {
  readonly method: string;
  /** Whether the request opens the page itself, which links from anywhere may do. */
  readonly opensPage: boolean;
  readonly headers: IncomingHttpHeaders;
  /** Port of this server. */
  readonly port: number;
}

/** Characters of a foreign name that a message repeats. */
const longestName = 100;
/** Names of the loopback address, with any port, because a tunnel (ssh -L) may use another one. */
const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Returns why a request is refused and how to reach the page, or null if it may continue; the session is checked later. The
 * Host rule stops names that were pointed at this machine (DNS rebinding), the Origin rule stops other pages in the same
 * browser.
 */
export function findRefusal(request: RequestFacts): string | null {
  const { headers, port } = request;
  const host = headers.host?.toLowerCase() ?? '';
  if (!loopback.test(host)) {
    const name = host === '' ? 'without a name' : `under the name "${host.slice(0, longestName)}"`;
    return (
      `This page was opened ${name}, but it answers only to 127.0.0.1 and localhost: reverse proxies and other names of ` +
      `this machine are not supported. ${tunnelAdvice(port)}`
    );
  }
  return checkOrigin(request, host) ?? checkSite(request, host);
}

/** Requests that change something must name the page they come from; any named page must be the server's own. */
function checkOrigin({ method, headers, port }: RequestFacts, host: string): string | null {
  const { origin } = headers;
  const changesSomething = method !== 'GET' || headers.upgrade !== undefined;
  const isRefused = origin === undefined ? changesSomething : origin.toLowerCase() !== `http://${host}`;
  if (!isRefused) return null;
  const from =
    origin === undefined
      ? 'does not say which page it comes from'
      : `comes from ${origin.slice(0, longestName)}`;
  return (
    `This request ${from}, but only the server's own page at http://${host} may send requests: other pages and ` +
    `reverse proxies are not supported. ${tunnelAdvice(port)}`
  );
}

/** Requests from another site are refused, except a link to the page that the user followed. */
function checkSite({ method, opensPage, headers }: RequestFacts, host: string): string | null {
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

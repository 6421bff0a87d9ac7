/** Keeps an address that comes before the router listens: it would be written over by the first view's. */

import type { Router } from 'vue-router';

/** To be called before the router is installed. */
export function keepEarlyAddress(router: Router): void {
  let early: string | null = null;
  const remember = ({ newURL }: HashChangeEvent) => (early = new URL(newURL).hash.slice(1));
  const open = () => {
    window.removeEventListener('hashchange', remember);
    if (early !== null && early !== router.currentRoute.value.fullPath) void router.push(early);
  };
  window.addEventListener('hashchange', remember);
  // Later than events that wait already.
  const openSoon = () => setTimeout(open);
  void router.isReady().then(openSoon, openSoon);
}

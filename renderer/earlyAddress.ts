/** Keeps an address change that arrives before the router listens; the first view would overwrite it. */

import type { Router } from 'vue-router';

/** Must be called before the router is installed. */
export function keepEarlyAddress(router: Router): void {
  let early: string | null = null;
  const remember = ({ newURL }: HashChangeEvent) => (early = new URL(newURL).hash.slice(1));
  const open = () => {
    window.removeEventListener('hashchange', remember);
    if (early !== null && early !== router.currentRoute.value.fullPath) void router.push(early);
  };
  window.addEventListener('hashchange', remember);
  // Runs after the events that are already queued.
  const openSoon = () => setTimeout(open);
  void router.isReady().then(openSoon, openSoon);
}

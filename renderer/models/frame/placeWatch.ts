/** Reports whether the view that made a request is still the one the user wants to see when the answer comes. */

/** The part of the router that is needed. */
interface Places {
  readonly currentRoute: { readonly value: { readonly path: string } };
  beforeEach(guard: (to: { readonly path: string }) => void): () => void;
}

export interface PlaceWatch {
  /** Whether the address is that of the beginning, whatever its query, and no navigation to another one is under way. */
  isShown(): boolean;
  stop(): void;
}

/** Watches the address until `stop`. */
export function watchPlace(router: Places): PlaceWatch {
  const start = router.currentRoute.value.path;
  // A view's module may still be loading: where the user has asked to go counts, not what is shown.
  let wanted = start;
  const stop = router.beforeEach((to) => {
    wanted = to.path;
  });
  return { isShown: () => wanted === start, stop };
}

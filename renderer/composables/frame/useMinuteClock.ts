/** The time of day for everything that tells how long ago something was. */

import { createSharedComposable, useIntervalFn, useNow } from '@vueuse/core';

/** One clock for all its readers: ticks every 15 seconds, stops when nobody reads it. */
export const useMinuteClock = createSharedComposable(() =>
  useNow({ scheduler: (tick) => useIntervalFn(tick, 15_000) }),
);

/** The schema of numbers that may not be finite. Apart from `nonFinite.ts`, so that help texts are printed without loading schemas. */

import { z } from 'zod';
import { decodeNumber } from './nonFinite.ts';

/** Any number, finite or not, from memory or from JSON. */
export const anyNumber = z.preprocess(
  decodeNumber,
  z.custom<number>((value) => typeof value === 'number', {
    message: 'expected a number, "Infinity", "-Infinity" or "NaN"',
  }),
);

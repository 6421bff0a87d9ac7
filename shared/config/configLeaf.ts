/** Leaves of the configuration schema, each with a title, a default and limits. */

import { z } from 'zod';

export const count = (title: string, initial: number, unit = '') =>
  z.int().min(1).default(initial).meta({ title, unit });
export const natural = (title: string, initial: number, unit = '') =>
  z.int().min(0).default(initial).meta({ title, unit });
export const fraction = (title: string, initial: number) =>
  z.number().min(0).max(1).default(initial).meta({ title });
export const flag = (title: string, initial: boolean) => z.boolean().default(initial).meta({ title });

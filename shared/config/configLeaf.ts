/** Leaves of the configuration schema, each with a short title, a default and limits; `help` explains it in a sentence. */

import { z } from 'zod';

export const count = (title: string, initial: number, unit = '', help = '') =>
  z.int().min(1).default(initial).meta({ title, unit, help });
export const natural = (title: string, initial: number, unit = '', help = '') =>
  z.int().min(0).default(initial).meta({ title, unit, help });
export const fraction = (title: string, initial: number, help = '') =>
  z.number().min(0).max(1).default(initial).meta({ title, help });
export const flag = (title: string, initial: boolean, help = '') =>
  z.boolean().default(initial).meta({ title, help });

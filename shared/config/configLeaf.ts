/** Leaves of the configuration schema, each with a short title, a default, limits, and what a person needs to set it. */

import { z } from 'zod';

/** The texts behind a parameter's title. */
export interface About {
  /** What the parameter does, in a sentence or two. */
  readonly help: string;
  /** Values that usually work. */
  readonly typical: string;
  /** Author and year of the paper; empty if there is none. */
  readonly source: string;
}

export const about = (help: string, typical: string, source = ''): About => ({ help, typical, source });

export const count = (title: string, initial: number, texts: About, unit = '') =>
  z
    .int()
    .min(1)
    .default(initial)
    .meta({ title, unit, ...texts });
export const natural = (title: string, initial: number, texts: About, unit = '') =>
  z
    .int()
    .min(0)
    .default(initial)
    .meta({ title, unit, ...texts });
export const fraction = (title: string, initial: number, texts: About) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(initial)
    .meta({ title, ...texts });
/** One of several options; `options` has their titles by the names that a configuration has. */
export const choice = <Name extends string>(
  title: string,
  options: Readonly<Record<Name, string>>,
  initial: NoInfer<Name>,
  texts: About,
) =>
  z
    .enum(Object.keys(options) as Name[])
    .default(() => initial)
    .meta({ title, titles: options, ...texts });
export const flag = (title: string, initial: boolean, texts: About) =>
  z
    .boolean()
    .default(initial)
    .meta({ title, ...texts });

/** What a preset is: a name, words for people, and what it changes against the schema's defaults. */

import type { RunConfigInput } from '../config.ts';

export interface Preset {
  readonly name: string;
  readonly title: string;
  /** One or two sentences: what it is for, what it costs. */
  readonly description: string;
  readonly config: RunConfigInput;
}

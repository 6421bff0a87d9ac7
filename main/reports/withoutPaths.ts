/** What leaves this machine with a report. */

import type { Evaluation } from '../../shared/metric.ts';
import { describeSource } from '../../shared/dataset.ts';

/** The same numbers; the data are named as in the text of the tables, without the folders they lie in. */
export function withoutPaths({ protocol, rows }: Evaluation): Evaluation {
  return { protocol: { ...protocol, source: describeSource(protocol.source) }, rows };
}

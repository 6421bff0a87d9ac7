/** The log of a run: what happened to it, line by line; kept with the run, shown on its page and by `lab log`. */

export const runLogKinds = [
  'start',
  'phase',
  'evaluation',
  'study',
  'checkpoint',
  'preview',
  'warning',
  'error',
  'end',
] as const;
export type RunLogKind = (typeof runLogKinds)[number];

export interface RunLogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Step that the run had reached. */
  readonly step: number;
  readonly kind: RunLogKind;
  /** One sentence or list of facts, without time and step. */
  readonly text: string;
}

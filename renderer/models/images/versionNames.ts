/** Names of the versions of an image. */

import { formatCount } from '../../../shared/text/format.ts';

export type PreviewVersion = 'truth' | 'observed' | 'result' | 'pinned';

export interface VersionChoice {
  readonly value: string;
  readonly title: string;
}

/** Returns the versions of a preview's image. @param pinnedStep null if no step is pinned. */
export function listVersions(step: number | null, pinnedStep: number | null): VersionChoice[] {
  const names: Record<PreviewVersion, string> = {
    truth: 'Truth',
    observed: 'Observed',
    result: step === null ? 'Result' : `Result, step ${formatCount(step)}`,
    pinned: `Result, step ${formatCount(pinnedStep)} (pinned)`,
  };
  return Object.entries(names)
    .map(([value, title]) => ({ value, title }))
    .filter(({ value }) => value !== 'pinned' || pinnedStep !== null);
}

/** Returns the title of a version; empty if it does not exist. */
export function nameVersion(versions: readonly VersionChoice[], version: string): string {
  return versions.find(({ value }) => value === version)?.title ?? '';
}

/**
 * Formats the time of an intermediate state as `t = 0.40`, or with four digits if another time in `among` would look the
 * same.
 */
export function describeTime(time: number, among: readonly number[] = [0, 1]): string {
  const short = time.toFixed(2);
  const isAmbiguous = among.some((other) => other !== time && other.toFixed(2) === short);
  return `t = ${isAmbiguous ? time.toFixed(4) : short}`;
}

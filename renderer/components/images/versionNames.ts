/** What the versions of a picture are called. */

import { formatCount } from '../../../shared/pure/format.ts';
import type { Version } from './useInspector.ts';

export interface VersionChoice {
  readonly value: Version;
  readonly title: string;
}

/** @param pinnedStep null: no step is pinned, and the version does not exist. */
export function nameVersion(version: Version, step: number | null, pinnedStep: number | null): string {
  const names: Record<Version, string> = {
    truth: 'Truth',
    observed: 'Observed',
    result: step === null ? 'Result' : `Result, step ${formatCount(step)}`,
    pinned: pinnedStep === null ? 'Pinned result' : `Result, step ${formatCount(pinnedStep)} (pinned)`,
  };
  return names[version];
}

export function listVersions(step: number | null, pinnedStep: number | null): VersionChoice[] {
  const there: Version[] = [
    'truth',
    'observed',
    'result',
    ...(pinnedStep === null ? [] : ['pinned' as const]),
  ];
  return there.map((value) => ({ value, title: nameVersion(value, step, pinnedStep) }));
}

/** What the versions of a preview's image are called. */

import { formatCount } from '../../../shared/text/format.ts';

export type PreviewVersion = 'truth' | 'observed' | 'result' | 'pinned';

export interface VersionChoice {
  readonly value: string;
  readonly title: string;
}

/** @param pinnedStep null: no step is pinned, and the version does not exist. */
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

export function nameVersion(versions: readonly VersionChoice[], version: string): string {
  return versions.find(({ value }) => value === version)?.title ?? '';
}

/** The versions of an inpainting's picture that can be looked at, and where each is to be had. */

import {
  inpaintingMedia,
  pictureMedia,
  type InpaintingEntry,
  type InpaintingPicture,
} from '../../../shared/inpainting.ts';
import { describeTime } from '../images/stateTime.ts';
import type { VersionChoice } from '../images/versionNames.ts';
import type { Size } from '../images/viewport.ts';
import { describeSolver, hasTruth } from './inpaintingWords.ts';

export interface ImageVersion extends VersionChoice {
  /** Below the media root; null: computed from others. */
  readonly path: string | null;
}

export interface VersionOptions {
  /** The state that is looked at, by its number; null: there is none. */
  readonly state: number | null;
  /** An earlier inpainting of the same picture. */
  readonly compared: InpaintingEntry | null;
}

/** In the order they are offered. */
export function listImageVersions(entry: InpaintingEntry, options: VersionOptions): ImageVersion[] {
  return [...(entry.result ? resultVersions(entry) : givenVersion(entry)), ...otherVersions(entry, options)];
}

/** Of every version: the result's, or what it will be as far as that can be told. */
export function sizeOf({ result, picture, request }: InpaintingEntry): Size | null {
  if (result) return { width: result.width, height: result.height };
  if (request.fit === 'fit') return null;
  return { width: picture.width * request.scale, height: picture.height * request.scale };
}

export function stateTimes({ result, times }: InpaintingEntry): readonly number[] {
  return result?.times ?? times;
}

/** What the overview of a finished one shows. */
export function overviewVersions(versions: readonly ImageVersion[]): ImageVersion[] {
  const wanted = ['truth', 'known', 'result', 'error', 'deviation', 'other'];
  return versions.filter(({ value }) => wanted.includes(value));
}

/** Before the result: the picture as it was given, where the result has its size. */
function givenVersion({ picture, request }: InpaintingEntry): ImageVersion[] {
  if (request.fit !== 'whole' || request.scale !== 1) return [];
  return [{ value: 'truth', title: 'Given picture', path: pictureMedia(picture.id) }];
}

function resultVersions(entry: InpaintingEntry): ImageVersion[] {
  const { id, request, result } = entry;
  const { samples } = request;
  const at = (value: InpaintingPicture, title: string) => ({
    value,
    title,
    path: inpaintingMedia(id, value),
  });
  const numbers = Array.from({ length: samples > 1 ? samples : 0 }, (_, index) => index + 1);
  const isTrue = hasTruth(request);
  return [
    at('truth', isTrue ? 'Truth' : 'Given picture'),
    at('known', 'Known pixels'),
    at('result', samples > 1 ? `Mean of ${samples} samples` : 'Result'),
    ...(isTrue ? [{ value: 'error', title: 'Error of the result', path: null }] : []),
    ...((result?.largestDeviation ?? null) === null ? [] : [at('deviation', 'Deviation of the samples')]),
    ...numbers.map((number) => at(`sample-${number}`, `Sample ${number}`)),
    at('thin-plate', 'Thin plate'),
    at('biharmonic', 'Biharmonic'),
  ];
}

function otherVersions(entry: InpaintingEntry, { state, compared }: VersionOptions): ImageVersion[] {
  const time = state === null ? undefined : stateTimes(entry)[state];
  const isComparable = compared?.result && isSameSize(sizeOf(compared), sizeOf(entry));
  return [
    ...(state === null || time === undefined
      ? []
      : [
          {
            value: 'state',
            title: `On the way, ${describeTime(time)}`,
            path: inpaintingMedia(entry.id, `time-${state}`),
          },
        ]),
    ...(compared && isComparable
      ? [{ value: 'other', title: nameOther(compared), path: inpaintingMedia(compared.id, 'result') }]
      : []),
  ];
}

function nameOther({ runName, request }: InpaintingEntry): string {
  return `Other: ${runName}, ${describeSolver(request)}`;
}

/** What is not known yet does not stand in the way. */
function isSameSize(one: Size | null, other: Size | null): boolean {
  return !one || !other || (one.width === other.width && one.height === other.height);
}

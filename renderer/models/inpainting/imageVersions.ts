/** The versions of an inpainting's image and their files. */

import {
  classicalMethods,
  classicalNames,
  inpaintingMedia,
  imageMedia,
  isPosteriorMean,
  type ClassicalMethod,
  type InpaintingEntry,
  type InpaintingImage,
} from '../../../shared/inpainting.ts';
import { describeTime, type VersionChoice } from '../images/inspectorChoices.ts';
import type { Size } from '../images/viewport.ts';
import { describeSolver, hasTruth } from './describeInpainting.ts';

export interface ImageVersion extends VersionChoice {
  /** Path below the media root; null if the version is computed from others. */
  readonly path: string | null;
}

export interface VersionOptions {
  /** Number of the intermediate state that is shown; null for none. */
  readonly state: number | null;
  /** Another inpainting of the same image; null for none. */
  readonly compared: InpaintingEntry | null;
}

/** Returns the versions in the order of the drop-down lists. */
export function listImageVersions(entry: InpaintingEntry, options: VersionOptions): ImageVersion[] {
  const own = entry.result ? resultVersions(entry) : [...givenVersion(entry), ...firstResult(entry)];
  return [...own, ...otherVersions(entry, options)];
}

/** Returns the common size of all versions; null if it is not known before the result. */
export function sizeOf({ result, image, request }: InpaintingEntry): Size | null {
  if (result) return { width: result.width, height: result.height };
  if (request.fit === 'fit') return null;
  return { width: image.width * request.scale, height: image.height * request.scale };
}

/** Returns the times of the intermediate states. */
export function stateTimes({ result, times }: InpaintingEntry): readonly number[] {
  return result?.times ?? times;
}

/**
 * Returns the versions of the overview.
 * @param hasState Whether the intermediate state is among them.
 * @param method The classical method of the result, next to which the others are shown; undefined: a network's.
 */
export function overviewVersions(
  versions: readonly ImageVersion[],
  hasState: boolean,
  method?: ClassicalMethod,
): ImageVersion[] {
  const wanted: readonly string[] = [
    'truth',
    'known',
    'result',
    'error',
    'deviation',
    'other',
    ...(method === undefined ? [] : classicalNames),
    ...(hasState ? ['state'] : []),
  ];
  return versions.filter(({ value }) => wanted.includes(value));
}

/** Returns the given image while there is no result, if the result will have its size. */
function givenVersion({ image, request }: InpaintingEntry): ImageVersion[] {
  if (request.fit !== 'whole' || request.scale !== 1) return [];
  return [{ value: 'truth', title: 'Given image', path: imageMedia(image.id) }];
}

/**
 * Returns the result while a better one, or the methods that it is compared with, are still computed. Each has its own address,
 * because browsers keep what they have loaded from one.
 */
function firstResult(entry: InpaintingEntry): ImageVersion[] {
  const { id, request, filled } = entry;
  if (filled === 0) return [];
  return [
    { value: 'result', title: nameResult(request), path: `${inpaintingMedia(id, 'result')}?${filled}` },
  ];
}

function nameResult(request: InpaintingEntry['request']): string {
  if (request.method !== undefined) return classicalMethods[request.method].title;
  if (request.samples > 1) return `Mean of ${request.samples} samples`;
  return isPosteriorMean(request) ? 'Posterior mean' : 'Result';
}

function resultVersions(entry: InpaintingEntry): ImageVersion[] {
  const { id, request, result } = entry;
  const { samples } = request;
  const at = (value: InpaintingImage, title: string) => ({
    value,
    title,
    path: inpaintingMedia(id, value),
  });
  const numbers = Array.from({ length: samples > 1 ? samples : 0 }, (_, index) => index + 1);
  const isTrue = hasTruth(request);
  return [
    at('truth', isTrue ? 'Truth' : 'Given image'),
    at('known', 'Known pixels'),
    at('result', nameResult(request)),
    ...(isTrue ? [{ value: 'error', title: 'Error of the result', path: null }] : []),
    ...((result?.largestDeviation ?? null) === null ? [] : [at('deviation', 'Deviation of the samples')]),
    ...numbers.map((number) => at(`sample-${number}`, `Sample ${number}`)),
    ...comparedMethods(entry).map((method) => at(method, classicalMethods[method].title)),
  ];
}

/** Returns the classical methods that the result is compared with; inpaintings of older versions lack later methods. */
function comparedMethods({ request, result }: InpaintingEntry): ClassicalMethod[] {
  const scored = result?.scores.map(({ method }) => method) ?? [];
  const order: readonly ClassicalMethod[] = ['thin-plate', 'tension-spline', 'biharmonic', 'telea'];
  const isEverywhere = (name: ClassicalMethod) => name === 'thin-plate' || name === 'biharmonic';
  return order.filter(
    (name) =>
      name !== request.method && (isEverywhere(name) || scored.includes(classicalMethods[name].scoredAs)),
  );
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
            title: `State at ${describeTime(time)}`,
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

/** Returns whether two sizes are equal or one of them is not known yet. */
function isSameSize(one: Size | null, other: Size | null): boolean {
  return !one || !other || (one.width === other.width && one.height === other.height);
}

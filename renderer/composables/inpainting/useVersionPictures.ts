/** The pictures of the versions that are looked at: each loaded once, maps computed when they are shown. */

import { computed, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { mediaUrl } from '../../api/client.ts';
import type { Picture } from '../../models/images/picture.ts';
import { createPictureCache, fetchPicture } from '../../models/images/pictureCache.ts';
import { colourGrey, errorMap } from '../../models/images/pictureError.ts';
import type { Size } from '../../models/images/viewport.ts';
import type { PictureVersion } from '../../models/inpainting/pictureVersions.ts';

export interface VersionPicturesOptions {
  readonly versions: () => readonly PictureVersion[];
  /** Values of the versions that are looked at. */
  readonly wanted: () => readonly string[];
  /** Paths that will probably be asked for next. */
  readonly neighbours: () => readonly string[];
  /** Roughly, of one picture. */
  readonly size: Size;
}

export interface UseVersionPicturesReturn {
  /** null: not there, or not yet. A version whose picture changes keeps the former one until the next is there. */
  pick(version: string): Picture | null;
  /** The same, a map as the numbers it is made of: grey. */
  pickNumbers(version: string): Picture | null;
  /** Why the last one could not be loaded; null where nothing failed. */
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Decoded pictures that are kept, in bytes. */
const roomFor = 400e6;

export function useVersionPictures(options: VersionPicturesOptions): UseVersionPicturesReturn {
  const { size, versions, wanted, neighbours } = options;
  const cache = createPictureCache(fetchPicture, capacityFor(size));
  const shown = shallowRef<ReadonlyMap<string, Picture>>(new Map());
  const error = shallowRef<unknown>(null);
  const addresses = computed(() => addressesOf(versions(), withSources(wanted())));
  let isLive = true;

  async function load(version: string, address: string) {
    const isWanted = () => isLive && addresses.value.get(version) === address;
    try {
      const picture = await cache.load(address);
      if (!isWanted()) return;
      shown.value = new Map(shown.value).set(version, picture);
      error.value = null;
    } catch (failure) {
      if (isWanted()) error.value = failure;
    }
  }

  function loadAll() {
    shown.value = new Map([...shown.value].filter(([version]) => addresses.value.has(version)));
    const all = [...addresses.value].map(([version, address]) => load(version, address));
    void Promise.all(all).then(() => {
      for (const path of neighbours()) void cache.load(mediaUrl(path)).catch(() => undefined);
    });
  }

  watch(() => [...addresses.value].flat().join('\n'), loadAll, { immediate: true });
  onScopeDispose(() => void (isLive = false));
  const maps = createMaps((version) => shown.value.get(version) ?? null);
  return {
    pick: (version) => (maps.get(version) ?? { value: shown.value.get(version) }).value ?? null,
    pickNumbers: (version) => shown.value.get(version) ?? null,
    error,
    reload: loadAll,
  };
}

/** What a map is computed from. */
const sources: Readonly<Record<string, readonly string[]>> = { error: ['truth', 'result'] };

function withSources(wanted: readonly string[]): readonly string[] {
  return [...new Set(wanted.flatMap((version) => [version, ...(sources[version] ?? [])]))];
}

function addressesOf(versions: readonly PictureVersion[], wanted: readonly string[]) {
  return new Map(
    versions.flatMap(({ value, path }) =>
      path !== null && wanted.includes(value) ? [[value, mediaUrl(path)] as const] : [],
    ),
  );
}

/** One of them is computed again only where its own sources change. */
function createMaps(find: (version: string) => Picture | null) {
  const [truth, result, deviation] = ['truth', 'result', 'deviation'].map((name) =>
    computed(() => find(name)),
  );
  return new Map([
    ['error', computed(() => truth.value && result.value && errorMap(result.value, truth.value))],
    ['deviation', computed(() => deviation.value && colourGrey(deviation.value))],
  ]);
}

function capacityFor({ width, height }: Size): number {
  return Math.min(200, Math.max(8, Math.floor(roomFor / (4 * width * height))));
}

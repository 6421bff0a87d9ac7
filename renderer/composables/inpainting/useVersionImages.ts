/** The images of the shown versions: each is loaded once, and maps are computed when they are shown. */

import { computed, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { mediaUrl } from '../../api/client.ts';
import { type RasterImage, createImageCache, fetchImage } from '../../models/images/rasterImage.ts';
import { colourGrey, errorMap } from '../../models/images/imageError.ts';
import type { Size } from '../../models/images/viewport.ts';
import type { ImageVersion } from '../../models/inpainting/imageVersions.ts';

export interface VersionImagesOptions {
  readonly versions: () => readonly ImageVersion[];
  /** Returns the values of the versions that are shown. */
  readonly wanted: () => readonly string[];
  /** Returns the paths that will probably be shown next. */
  readonly neighbours: () => readonly string[];
  /** Approximate size of one image. */
  readonly size: Size;
}

export interface UseVersionImagesReturn {
  /** Returns the image of a version; null if it is not loaded. A version whose file changes keeps its image until then. */
  pick(version: string): RasterImage | null;
  /** As `pick`, but a map is returned as grey values instead of colours. */
  pickNumbers(version: string): RasterImage | null;
  /** Error of the last load; null if it succeeded. */
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Memory limit for decoded images, bytes. */
const cacheBytes = 400e6;

export function useVersionImages(options: VersionImagesOptions): UseVersionImagesReturn {
  const { size, versions, wanted, neighbours } = options;
  const cache = createImageCache(fetchImage, capacityFor(size));
  const shown = shallowRef<ReadonlyMap<string, RasterImage>>(new Map());
  const error = shallowRef<unknown>(null);
  const addresses = computed(() => addressesOf(versions(), withSources(wanted())));
  let isLive = true;

  async function load(version: string, address: string) {
    const isWanted = () => isLive && addresses.value.get(version) === address;
    try {
      const image = await cache.load(address);
      if (!isWanted()) return;
      shown.value = new Map(shown.value).set(version, image);
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

/** Versions that a map is computed from. */
const sources: Readonly<Record<string, readonly string[]>> = { error: ['truth', 'result'] };

function withSources(wanted: readonly string[]): readonly string[] {
  return [...new Set(wanted.flatMap((version) => [version, ...(sources[version] ?? [])]))];
}

function addressesOf(versions: readonly ImageVersion[], wanted: readonly string[]) {
  return new Map(
    versions.flatMap(({ value, path }) =>
      path !== null && wanted.includes(value) ? [[value, mediaUrl(path)] as const] : [],
    ),
  );
}

/** Creates the maps, each of which is computed again only if its sources change. */
function createMaps(find: (version: string) => RasterImage | null) {
  const [truth, result, deviation] = ['truth', 'result', 'deviation'].map((name) =>
    computed(() => find(name)),
  );
  return new Map([
    ['error', computed(() => truth.value && result.value && errorMap(result.value, truth.value))],
    ['deviation', computed(() => deviation.value && colourGrey(deviation.value))],
  ]);
}

function capacityFor({ width, height }: Size): number {
  return Math.min(200, Math.max(8, Math.floor(cacheBytes / (4 * width * height))));
}

/** One image in all versions, cut out of the sheets that evaluations store. */

import { computed, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { mediaUrl } from '../../api/client.ts';
import { imageFromPixels, type RasterImage } from '../../models/images/rasterImage.ts';
import { createImageCache, fetchImage } from '../../models/images/imageCache.ts';
import { areaOf, type SheetVersion } from '../../models/compare/sheetVersions.ts';

export interface UseSheetImagesReturn {
  /** Returns null for an image that does not exist or is not loaded yet. */
  pick(version: string): RasterImage | null;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Number of decoded sheets in memory; one with 100 images of 32×32 pixels takes 400 kB. */
const capacity = 64;

/** @param ahead Paths of sheets to load in advance. */
export function useSheetImages(
  versions: () => readonly SheetVersion[],
  image: () => number,
  ahead: () => readonly string[] = () => [],
): UseSheetImagesReturn {
  const { sheets, error, loadAll } = useSheets(() => [...versions().map(({ path }) => path), ...ahead()]);
  const cut = computed(
    () =>
      new Map(
        versions().flatMap(({ value, path, imageSheets }) => {
          const sheet = sheets.value.get(path);
          return sheet ? [[value, cutImage(sheet, areaOf(imageSheets, image()))] as const] : [];
        }),
      ),
  );
  return {
    pick: (version) => cut.value.get(version) ?? null,
    error,
    reload: loadAll,
  };
}

/** Loads sheets by their paths; sheets that are not needed any more are dropped. */
function useSheets(paths: () => readonly string[]) {
  const cache = createImageCache(fetchImage, capacity);
  const sheets = shallowRef<ReadonlyMap<string, RasterImage>>(new Map());
  const error = shallowRef<unknown>(null);
  let isLive = true;

  async function load(path: string) {
    try {
      const sheet = await cache.load(mediaUrl(path));
      const wanted = new Set(paths());
      if (!isLive || !wanted.has(path)) return;
      sheets.value = new Map([...sheets.value].filter(([known]) => wanted.has(known))).set(path, sheet);
    } catch (reason) {
      if (isLive) error.value = reason;
    }
  }

  function loadAll() {
    error.value = null;
    for (const path of paths()) void load(path);
  }

  watch(() => paths().join('\n'), loadAll, { immediate: true });
  onScopeDispose(() => void (isLive = false));
  return { sheets, error, loadAll };
}

function cutImage(sheet: RasterImage, area: ReturnType<typeof areaOf>): RasterImage {
  return imageFromPixels(area, new Uint8ClampedArray(sheet.read(area)));
}

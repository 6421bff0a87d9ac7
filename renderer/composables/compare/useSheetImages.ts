/** The pictures of one image in all versions, cut from their sheets. */

import { computed, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { mediaUrl } from '../../api/client.ts';
import { imageFromPixels, type RasterImage } from '../../models/images/rasterImage.ts';
import { createImageCache, fetchImage } from '../../models/images/imageCache.ts';
import { areaOf, type SheetVersion } from '../../models/compare/sheetVersions.ts';

export interface UseSheetImagesReturn {
  /** null: not there, or not yet. */
  pick(version: string): RasterImage | null;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Sheets kept decoded; one of 100 images of 32×32 takes 400 kB. */
const capacity = 64;

/** `ahead`: sheets that will be looked at next, so that they are there; default: none. */
export function useSheetImages(
  versions: () => readonly SheetVersion[],
  image: () => number,
  ahead: () => readonly string[] = () => [],
): UseSheetImagesReturn {
  const { sheets, error, loadAll } = useSheets(() => [...versions().map(({ path }) => path), ...ahead()]);
  const cut = computed(
    () =>
      new Map(
        versions().flatMap(({ value, path, pictures }) => {
          const sheet = sheets.value.get(path);
          return sheet ? [[value, cutImage(sheet, areaOf(pictures, image()))] as const] : [];
        }),
      ),
  );
  return {
    pick: (version) => cut.value.get(version) ?? null,
    error,
    reload: loadAll,
  };
}

/** Whole sheets by their paths, as they come; those that are not wanted any more go. */
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

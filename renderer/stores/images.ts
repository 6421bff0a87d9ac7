/** The images the user opened: the result for each file, and settings that apply to the next images. */

import { useLocalStorage, useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef, type ShallowRef } from 'vue';
import { describeError } from '../../shared/text/describeError.ts';
import type { ImageEntry } from '../../shared/inpainting.ts';
import { request } from '../api/client.ts';
import {
  checkFileSize,
  formatMegapixels,
  imageLimits,
  readImageHeader,
} from '../../shared/images/imageHeader.ts';
import { findOrigin, type Origin } from '../models/imageIntake/openedFiles.ts';
import { createKeptEditors } from './inpainting/maskEditor.ts';

export interface IntakeItem {
  readonly key: number;
  /** Name of the file. */
  readonly name: string;
  /** `own`: saved by this application, its origin is shown. `large`: can only be used at reduced size. */
  readonly state: 'waiting' | 'reading' | 'ready' | 'failed' | 'own' | 'large';
  readonly image: ImageEntry | null;
  /** Address of a thumbnail. */
  readonly thumbnail: string | null;
  readonly origin: Origin | null;
  /** Why the file was rejected. */
  readonly error: string | null;
  /** Conversions that were applied. */
  readonly notes: readonly string[];
}

export const useImagesStore = defineStore('images', () => {
  /** Background colour below transparent parts, e.g. #ffffff. */
  const background = useLocalStorage('ground', '#ffffff');
  /** Whether transparent parts are hidden, to be filled in. */
  const hidesTransparent = useLocalStorage('hidesTransparent', true);
  /** Entries by ID, because the address alone does not identify their names after a reload. */
  const known = useSessionStorage<Record<string, ImageEntry>>('images', {}, { shallow: true });
  const list = createList();
  const intake = createIntake(list, {
    transparency: () => ({ background: background.value, hidesTransparent: hidesTransparent.value }),
    remember: (entry) => void (known.value = { ...known.value, [entry.id]: entry }),
  });
  /** Each image once, in the order they were added. */
  const ready = computed(() => [
    ...new Map(list.items.value.flatMap(({ image }) => (image ? [[image.id, image]] : []))).values(),
  ]);
  const find = (id: string): ImageEntry | null => known.value[id] ?? null;
  return { background, hidesTransparent, ready, find, ...list, ...intake, editors: createKeptEditors() };
});

function createList() {
  const items = shallowRef<readonly IntakeItem[]>([]);
  const files = new Map<number, File>();
  let lastKey = 0;

  function change(key: number, patch: Partial<IntakeItem>) {
    items.value = items.value.map((item) => (item.key === key ? { ...item, ...patch } : item));
  }
  function add(added: readonly File[]): number[] {
    const blank = {
      state: 'waiting',
      image: null,
      thumbnail: null,
      origin: null,
      error: null,
      notes: [],
    } as const;
    const made = added.map((file) => ({
      ...blank,
      key: (lastKey += 1),
      name: file.name || 'pasted image',
    }));
    made.forEach(({ key }, index) => files.set(key, added[index]));
    items.value = [...items.value, ...made];
    return made.map(({ key }) => key);
  }
  function remove(keys: readonly number[]) {
    for (const key of keys) files.delete(key);
    items.value = items.value.filter(({ key }) => !keys.includes(key));
  }
  return {
    items: items as Readonly<ShallowRef<readonly IntakeItem[]>>,
    change,
    add,
    remove,
    fileOf: (key: number) => files.get(key),
    clear: () => remove(items.value.map(({ key }) => key)),
  };
}

interface IntakeOptions {
  transparency(): { readonly background: string; readonly hidesTransparent: boolean };
  remember(entry: ImageEntry): void;
}

/** Reads files one after the other, so that only one decoded image is in memory. */
function createIntake(list: ReturnType<typeof createList>, options: IntakeOptions) {
  let last: Promise<void> = Promise.resolve();

  async function read(key: number, { isPlain, mayShrink }: ReadOptions) {
    const file = list.fileOf(key);
    if (!file) return;
    list.change(key, { state: 'reading', error: null });
    try {
      const origin = isPlain ? null : await findOrigin(file);
      if (origin) return list.change(key, { state: 'own', origin });
      checkFileSize(file.size);
      const bytes = new Uint8Array(await file.arrayBuffer());
      const large = mayShrink ? null : describeLarge(bytes);
      if (large !== null) return list.change(key, { state: 'large', error: large });
      const name = (list.items.value.find((item) => item.key === key)?.name ?? file.name).slice(-255);
      const added = await request('pictures.add', { name, bytes, mayShrink, ...options.transparency() });
      options.remember(added.image);
      list.change(key, { state: 'ready', ...added });
    } catch (error) {
      list.change(key, { state: 'failed', error: describeError(error) });
    }
  }

  async function readAll(keys: readonly number[], how: ReadOptions): Promise<readonly IntakeItem[]> {
    last = last.then(async () => {
      for (const key of keys) await read(key, how);
    });
    await last;
    return list.items.value.filter(({ key }) => keys.includes(key));
  }

  return {
    /** Adds files and resolves when all of them are read; each item holds its result. */
    take: (files: readonly File[]) => readAll(list.add(files), { isPlain: false, mayShrink: false }),
    /** Uses a file as an ordinary image regardless of its origin. */
    takePlainly: (key: number) => readAll([key], { isPlain: true, mayShrink: false }),
    /** Uses a reduced copy of an image that is too large. */
    takeReduced: (key: number) => readAll([key], { isPlain: true, mayShrink: true }),
  };
}

interface ReadOptions {
  /** Whether to ignore the origin of the file. */
  readonly isPlain: boolean;
  readonly mayShrink: boolean;
}

/**
 * Explains why an image can only be used at reduced size; null if it fits, or if the main side will reject it.
 * @throws Error when the file is not an image.
 */
function describeLarge(bytes: Uint8Array): string | null {
  const { width, height } = readImageHeader(bytes);
  const pixels = width * height;
  if (pixels <= imageLimits.fullPixels || pixels > imageLimits.shrunkPixels) return null;
  return `${formatMegapixels(pixels)}; at most ${formatMegapixels(imageLimits.fullPixels)} can be used at full size.`;
}

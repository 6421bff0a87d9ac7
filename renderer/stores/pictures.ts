/** The pictures the user brought in: what became of each file, and what is kept from one picture to the next. */

import { useLocalStorage, useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef, type ShallowRef } from 'vue';
import { describeError } from '../../shared/text/describeError.ts';
import type { PictureEntry } from '../../shared/inpainting.ts';
import { request } from '../api/client.ts';
import {
  checkFileSize,
  formatMegapixels,
  imageLimits,
  readImageHeader,
} from '../../shared/images/imageHeader.ts';
import { findOrigin, type Origin } from '../models/imageIntake/findOrigin.ts';
import { createKeptStudios } from './keptStudios.ts';

export interface IntakeItem {
  readonly key: number;
  /** The file's. */
  readonly name: string;
  /** `own`: it was saved by this application, and its origin is shown. `large`: it can be used reduced only. */
  readonly state: 'waiting' | 'reading' | 'ready' | 'failed' | 'own' | 'large';
  readonly picture: PictureEntry | null;
  /** Address of a small picture of it. */
  readonly thumbnail: string | null;
  readonly origin: Origin | null;
  /** Why it was not taken. */
  readonly error: string | null;
  /** What was done to it. */
  readonly notes: readonly string[];
}

export const usePicturesStore = defineStore('pictures', () => {
  /** A colour such as #ffffff: what transparent parts are shown over. */
  const background = useLocalStorage('ground', '#ffffff');
  /** Whether transparent parts are hidden, to be filled in. */
  const hidesTransparent = useLocalStorage('hidesTransparent', true);
  /** By id: a picture's address alone does not tell them after a reload. */
  const known = useSessionStorage<Record<string, PictureEntry>>('pictures', {}, { shallow: true });
  const list = createList();
  const intake = createIntake(list, {
    transparency: () => ({ background: background.value, hidesTransparent: hidesTransparent.value }),
    remember: (entry) => void (known.value = { ...known.value, [entry.id]: entry }),
  });
  /** Each picture once, in the order they came. */
  const ready = computed(() => [
    ...new Map(list.items.value.flatMap(({ picture }) => (picture ? [[picture.id, picture]] : []))).values(),
  ]);
  const find = (id: string): PictureEntry | null => known.value[id] ?? null;
  return { background, hidesTransparent, ready, find, ...list, ...intake, studios: createKeptStudios() };
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
      picture: null,
      thumbnail: null,
      origin: null,
      error: null,
      notes: [],
    } as const;
    const made = added.map((file) => ({
      ...blank,
      key: (lastKey += 1),
      name: file.name || 'pasted picture',
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
  remember(entry: PictureEntry): void;
}

/** One file after the other, so that memory holds one decoded picture at a time. */
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
      options.remember(added.picture);
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
    /** Answers once all of them are read; what became of each stands in its item. */
    take: (files: readonly File[]) => readAll(list.add(files), { isPlain: false, mayShrink: false }),
    /** Takes one as a plain picture, whatever its origin. */
    takePlainly: (key: number) => readAll([key], { isPlain: true, mayShrink: false }),
    /** Takes a reduced copy of one that is too large for its full size. */
    takeReduced: (key: number) => readAll([key], { isPlain: true, mayShrink: true }),
  };
}

interface ReadOptions {
  /** Whether it is taken as any picture, whatever its origin. */
  readonly isPlain: boolean;
  readonly mayShrink: boolean;
}

/**
 * Why an image can be used reduced only; null: it fits, or the main side will say why it cannot be used at all.
 * @throws Error when the file is no image.
 */
function describeLarge(bytes: Uint8Array): string | null {
  const { width, height } = readImageHeader(bytes);
  const pixels = width * height;
  if (pixels <= imageLimits.fullPixels || pixels > imageLimits.shrunkPixels) return null;
  return `${formatMegapixels(pixels)}; at most ${formatMegapixels(imageLimits.fullPixels)} can be used at full size.`;
}

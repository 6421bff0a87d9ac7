/** The pictures the user brought in: what became of each file, and what is kept from one picture to the next. */

import { useLocalStorage, useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef, type ShallowRef } from 'vue';
import type { PictureEntry } from '../../shared/inpainting.ts';
import { request } from '../api.ts';
import { decodePicture } from '../components/pictures/intake/decodePicture.ts';
import { findOrigin, type Origin } from '../components/pictures/intake/findOrigin.ts';
import { createKeptStudios } from '../components/pictures/studio/keptStudios.ts';

export interface IntakeItem {
  readonly key: number;
  /** The file's. */
  readonly name: string;
  /** `own`: it was saved by this application, and its origin is told instead. */
  readonly state: 'waiting' | 'reading' | 'ready' | 'failed' | 'own';
  readonly picture: PictureEntry | null;
  /** Address of a small picture of it. */
  readonly thumbnail: string | null;
  readonly origin: Origin | null;
  readonly error: string | null;
}

export const usePicturesStore = defineStore('pictures', () => {
  /** A CSS colour: what transparent parts stand over. */
  const ground = useLocalStorage('ground', '#ffffff');
  /** By id: a picture's address alone does not tell them after a reload. */
  const known = useSessionStorage<Record<string, PictureEntry>>('pictures', {}, { shallow: true });
  const list = createList();
  const intake = createIntake(list, {
    ground: () => ground.value,
    remember: (entry) => void (known.value = { ...known.value, [entry.id]: entry }),
  });
  /** Each picture once, in the order they came. */
  const ready = computed(() => [
    ...new Map(list.items.value.flatMap(({ picture }) => (picture ? [[picture.id, picture]] : []))).values(),
  ]);
  const find = (id: string): PictureEntry | null => known.value[id] ?? null;
  return { ground, ready, find, ...list, ...intake, studios: createKeptStudios() };
});

function createList() {
  const items = shallowRef<readonly IntakeItem[]>([]);
  const files = new Map<number, File>();
  let lastKey = 0;

  function change(key: number, patch: Partial<IntakeItem>) {
    items.value = items.value.map((item) => (item.key === key ? { ...item, ...patch } : item));
  }
  function add(added: readonly File[]): number[] {
    const blank = { state: 'waiting', picture: null, thumbnail: null, origin: null, error: null } as const;
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
    for (const { key, thumbnail } of items.value) {
      if (!keys.includes(key)) continue;
      files.delete(key);
      if (thumbnail) URL.revokeObjectURL(thumbnail);
    }
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
  ground(): string;
  remember(entry: PictureEntry): void;
}

/** One file after the other, so that memory holds one decoded picture at a time. */
function createIntake(list: ReturnType<typeof createList>, options: IntakeOptions) {
  let last: Promise<void> = Promise.resolve();

  async function read(key: number, isPlain: boolean) {
    const file = list.fileOf(key);
    if (!file) return;
    list.change(key, { state: 'reading', error: null });
    try {
      const origin = isPlain ? null : await findOrigin(file);
      if (origin) return list.change(key, { state: 'own', origin });
      const { thumbnail, ...decoded } = await decodePicture(file, options.ground());
      const name = list.items.value.find((item) => item.key === key)?.name ?? file.name;
      const picture = await request('pictures.add', { name: name.slice(-255), ...decoded });
      options.remember(picture);
      list.change(key, { state: 'ready', picture, thumbnail: URL.createObjectURL(thumbnail) });
    } catch (error) {
      list.change(key, { state: 'failed', error: error instanceof Error ? error.message : String(error) });
    }
  }

  async function readAll(keys: readonly number[], isPlain: boolean): Promise<readonly IntakeItem[]> {
    last = last.then(async () => {
      for (const key of keys) await read(key, isPlain);
    });
    await last;
    return list.items.value.filter(({ key }) => keys.includes(key));
  }

  return {
    /** Answers once all of them are read; what became of each stands in its item. */
    take: (files: readonly File[]) => readAll(list.add(files), false),
    /** Takes one as a plain picture, whatever its origin. */
    takePlainly: (key: number) => readAll([key], true),
  };
}

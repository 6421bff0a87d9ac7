/** The current inpainting, and another one of the same image it is compared with; both updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';
import { createUpdateGate } from '../updateGate.ts';

export const useInpaintingStore = defineStore('inpainting', () => {
  const viewed = createReader();
  const compared = createReader();
  const family = createFamily(() => viewed.entry.value);
  const find = (id: string | null) => family.all.value.find((entry) => entry.id === id) ?? null;

  listen('inpaint.changed', (next) => {
    viewed.update(next);
    compared.update(next);
    family.update(next);
  });
  listen('inpaint.listChanged', family.refresh);
  useReconnect(() => {
    void viewed.reload();
    void compared.reload();
    family.refresh();
  });

  return {
    entry: viewed.entry,
    error: viewed.error,
    compared: computed(() => (viewed.entry.value ? compared.entry.value : null)),
    /** Other inpaintings of the same image, newest first. */
    siblings: computed(() => family.all.value.filter(({ id }) => id !== viewed.entry.value?.id)),
    reload: viewed.reload,
    show: viewed.show,
    /** Shows a newly created inpainting. */
    accept: viewed.accept,
    async open(id: string) {
      await viewed.open(id, find(id));
      family.refresh();
    },
    compareWith: (id: string | null) => compared.open(id, find(id)),
    close() {
      void viewed.open(null);
      void compared.open(null);
    },
  };
});

/** All inpaintings of the current image. */
function createFamily(viewed: () => InpaintingEntry | null) {
  const all = shallowRef<readonly InpaintingEntry[]>([]);

  async function load() {
    const image = viewed()?.image;
    if (!image) return;
    const { entries } = await request('inpaint.list', { text: image.name.slice(0, 200), limit: 200 });
    if (viewed()?.image.id === image.id) all.value = entries.filter((one) => one.image.id === image.id);
  }

  return {
    all,
    // An incomplete list of other inpaintings is not worth an error message.
    refresh: () => void load().catch(() => undefined),
    update(next: InpaintingEntry) {
      all.value = all.value.map((old) => (old.id === next.id ? next : old));
    },
  };
}

/** Reads one entry at a time. */
function createReader() {
  const gate = createUpdateGate();
  const id = shallowRef<string | null>(null);
  const known = shallowRef<InpaintingEntry | null>(null);
  const error = shallowRef<unknown>(null);
  /** null until loaded, and while another one is requested. */
  const entry = computed(() => (known.value?.id === id.value ? known.value : null));

  /** Shows the response about the current entry, unless an event or another entry came first. */
  async function show(answer: Promise<InpaintingEntry>) {
    const requested = id.value;
    const { value, isNewest } = await gate.wait(answer);
    if (requested !== id.value || (entry.value && !isNewest)) return;
    known.value = value;
    error.value = null;
  }

  async function reload() {
    const requested = id.value;
    if (requested === null) return;
    try {
      await show(request('inpaint.get', { id: requested }));
    } catch (failure) {
      if (requested === id.value) error.value = failure;
    }
  }

  function accept(next: InpaintingEntry) {
    gate.countEvent();
    id.value = next.id;
    known.value = next;
    error.value = null;
  }

  return {
    entry,
    error,
    reload,
    show,
    /** Shows an event if it is about this entry. */
    update: (next: InpaintingEntry) => next.id === id.value && accept(next),
    accept,
    /** @param before A known state, shown until the entry is loaded. */
    open(next: string | null, before: InpaintingEntry | null = null) {
      id.value = next;
      error.value = null;
      if (before) known.value = before;
      return reload();
    },
  };
}

/** What can be done to a whole mask. */

import { ref, type Ref } from 'vue';
import { describeError } from '../../../shared/text/describeError.ts';
import { useNoticesStore, type NoticeOptions } from '../../stores/notices.ts';
import { usePicturesStore } from '../../stores/pictures.ts';
import { fileName, saveFile } from '../../api/saveFile.ts';
import type { MaskEditor } from '../../stores/maskEditor.ts';
import { readMaskFile, writeMaskFile } from '../../models/maskStudio/maskFile.ts';
import { invertMask, paintAll, type MaskPixels, type Painted } from '../../models/maskStudio/maskShapes.ts';
import { stretchMask } from '../../models/maskStudio/stretchMask.ts';

export interface UseMaskActionsReturn {
  allKnown(): void;
  hideAll(): void;
  invert(): void;
  /** Asks for a file. */
  load(): void;
  save(): Promise<void>;
  /** Keeps it for the next pictures. */
  carry(): void;
  /** Whether a mask of another picture is kept. */
  readonly isCarried: Readonly<Ref<boolean>>;
  useCarried(): void;
}

/** @param name The picture's, for the mask's file. */
export function useMaskActions(editor: MaskEditor, name: () => string): UseMaskActionsReturn {
  const notices = useNoticesStore();
  const { studios } = usePicturesStore();
  const isCarried = ref(studios.carried !== null);

  const change = (work: (mask: MaskPixels) => Painted) => () => {
    editor.paint(work);
    editor.commit();
  };
  return {
    allKnown: change((mask) => paintAll(mask, 1)),
    hideAll: change((mask) => paintAll(mask, 0)),
    invert: change(invertMask),
    load() {
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', accept: 'image/png,image/jpeg,image/webp' });
      input.addEventListener('change', () => input.files?.[0] && void readInto(editor, input.files[0]));
      input.click();
    },
    async save() {
      saveFile(fileName(name(), 'mask', 'png'), await writeMaskFile(editor.mask));
    },
    isCarried,
    carry() {
      const { width, height, bytes } = editor.mask;
      studios.carried = { width, height, bytes: bytes.slice() };
      isCarried.value = true;
      notices.show({ message: 'The mask is kept: the next pictures offer it.' });
    },
    useCarried() {
      if (studios.carried) editor.replace(stretchMask(studios.carried, editor.mask), { kind: 'painted' });
    },
  };
}

async function readInto(editor: MaskEditor, file: File): Promise<void> {
  const notices = useNoticesStore();
  try {
    const { bytes, notes, inverted } = await readMaskFile(file, editor.mask);
    editor.replace(bytes, { kind: 'painted' });
    for (const note of notes) notices.show({ message: `${file.name}: ${note}` });
    if (inverted !== null) notices.show(askToInvert(editor, `${file.name}: ${inverted}`));
  } catch (error) {
    const reason = describeError(error);
    notices.show({ level: 'error', message: `${file.name} cannot be used as a mask. ${reason}` });
  }
}

function askToInvert(editor: MaskEditor, question: string): NoticeOptions {
  const invert = () => {
    editor.paint(invertMask);
    editor.commit();
  };
  const message = `${question} Does white mark the hole instead?`;
  return { level: 'warning', message, action: { label: 'Invert', run: invert }, seconds: null };
}

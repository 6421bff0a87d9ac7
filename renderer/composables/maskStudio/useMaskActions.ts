/** Actions on the whole mask of the mask studio. */

import { ref, type Ref } from 'vue';
import type { Mask } from '../../../shared/images/mask.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { fileName, saveFile } from '../../api/saveFile.ts';
import { imageTypes, openFileDialog } from '../../models/imageIntake/openedFiles.ts';
import { readMaskFile, writeMaskFile } from '../../models/maskStudio/maskFile.ts';
import { invertMask, paintAll, stretchMask, type MaskChange } from '../../models/maskStudio/maskShapes.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';
import { useNoticesStore, type NoticeOptions } from '../../stores/notices.ts';
import { useImagesStore } from '../../stores/images.ts';

export interface UseMaskActionsReturn {
  revealAll(): void;
  hideAll(): void;
  invert(): void;
  /** Asks for a mask file and loads it. */
  load(): void;
  save(): Promise<void>;
  /** Keeps the mask for other images. */
  keep(): void;
  /** Whether a mask is kept. */
  readonly isKept: Readonly<Ref<boolean>>;
  /** Replaces the mask with the kept one, resampled to the size of the image. */
  useKept(): void;
}

/** @param name Returns the name of the image, which the mask file gets. */
export function useMaskActions(editor: MaskEditor, name: () => string): UseMaskActionsReturn {
  const notices = useNoticesStore();
  const { editors } = useImagesStore();
  const isKept = ref(editors.keptMask !== null);
  const change = (work: (mask: Mask) => MaskChange) => () => {
    editor.paint(work);
    editor.commit();
  };
  return {
    revealAll: change((mask) => paintAll(mask, 1)),
    hideAll: change((mask) => paintAll(mask, 0)),
    invert: change(invertMask),
    load: () => openFileDialog({ accept: imageTypes }, ([file]) => file && void readInto(editor, file)),
    async save() {
      saveFile(fileName(name(), 'mask', 'png'), await writeMaskFile(editor.mask));
    },
    isKept,
    keep() {
      const { width, height, channels, bits } = editor.mask;
      editors.keptMask = { width, height, channels, bits: bits.slice() };
      isKept.value = true;
      notices.show({ message: 'Mask kept for other images.' });
    },
    useKept() {
      if (editors.keptMask) editor.replace(stretchMask(editors.keptMask, editor.mask), { kind: 'painted' });
    },
  };
}

async function readInto(editor: MaskEditor, file: File): Promise<void> {
  const notices = useNoticesStore();
  try {
    const { mask, notes, inverted } = await readMaskFile(file, editor.mask);
    editor.replace(mask, { kind: 'painted', file: file.name.slice(0, 255) });
    for (const note of notes) notices.show({ message: `${file.name}: ${note}` });
    if (inverted !== null) notices.show(offerInversion(editor, `${file.name}: ${inverted}`));
  } catch (error) {
    const reason = describeError(error);
    notices.show({ level: 'error', message: `${file.name} cannot be used as a mask. ${reason}` });
  }
}

function offerInversion(editor: MaskEditor, reason: string): NoticeOptions {
  const invert = () => {
    editor.paint(invertMask);
    editor.commit();
  };
  const message = `${reason} Does white mark the hole instead?`;
  return { level: 'warning', message, action: { label: 'Invert', run: invert }, seconds: null };
}

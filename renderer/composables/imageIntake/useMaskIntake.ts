/** Loads mask files for the images of the list, and reports which of them were used. */

import type { ImageEntry } from '../../../shared/inpainting.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { imageTypes, mostFiles, openFileDialog } from '../../models/imageIntake/openedFiles.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { type TakenMasks, useOwnMasksStore } from '../../stores/inpainting/ownMasks.ts';

export interface UseMaskIntakeReturn {
  /** Shows the dialog for files or for a folder. */
  choose(what: 'files' | 'folder'): void;
  invert(image: ImageEntry): Promise<void>;
}

export function useMaskIntake(): UseMaskIntakeReturn {
  const store = useOwnMasksStore();
  const notices = useNoticesStore();

  async function take(files: readonly File[]) {
    const { matched, unused, failures } = await store.take(files.slice(0, mostFiles));
    if (matched > 0) notices.show({ message: `Masks loaded for ${formatPlural(matched, 'image')}.` });
    for (const message of failures) notices.show({ level: 'error', message });
    if (unused.length > 0) notices.show({ level: 'warning', message: describeUnused(unused) });
  }

  return {
    choose(what) {
      const accept = what === 'files' ? imageTypes : '';
      openFileDialog({ accept, isMultiple: true, isFolder: what === 'folder' }, (files) => void take(files));
    },
    async invert(image) {
      try {
        await store.invert(image);
      } catch (error) {
        notices.fail(error, `The mask of ${image.name} could not be inverted`);
      }
    },
  };
}

const mostNames = 5;

function describeUnused(names: TakenMasks['unused']): string {
  const more = names.length - mostNames;
  const listed = [...names.slice(0, mostNames), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `No image for ${formatPlural(names.length, 'file')}: ${listed}. A mask has the name of its image, such as photo.png or photo_mask.png for photo.jpg.`;
}

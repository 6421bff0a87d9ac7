/** Which mask file belongs to which image, by the names of both. */

/** Marks of a mask in the name of its file: `photo_mask`, `photo-mask`, `photo.mask`, `mask_photo` and so on. */
const maskMarks = [/[-_. ]masks?$/, /^masks?[-_. ]/];

/**
 * Returns the masks whose names fit an image best, in the given order; several if they fit equally well. For `photo.jpg`
 * these are, from best to worst, `photo.jpg`, `photo.jpg.png`, `photo.png` and `photo_mask.png`. Upper and lower case count
 * as equal.
 * @param image Name of the image file, without folders, as those of the masks.
 */
export function findMaskNames(image: string, masks: readonly string[]): string[] {
  const ranked = masks.flatMap((mask) => {
    const rank = rankMask(normalise(image), normalise(mask));
    return rank === null ? [] : [{ mask, rank }];
  });
  const best = Math.min(...ranked.map(({ rank }) => rank));
  return ranked.filter(({ rank }) => rank === best).map(({ mask }) => mask);
}

/** Returns how well a mask fits, 0 is best; null: it does not. */
function rankMask(image: string, mask: string): number | null {
  const names = [image, stemOf(image)];
  const stem = stemOf(mask);
  if (mask === image) return 0;
  if (stem === image) return 1;
  if (stem === stemOf(image)) return 2;
  return maskMarks.some((mark) => mark.test(stem) && names.includes(stem.replace(mark, ''))) ? 3 : null;
}

function stemOf(name: string): string {
  return name.replace(/(?<=.)\.[^.]*$/, '');
}

/** Some file systems store accents as separate characters. */
function normalise(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * What an image file is, by its bytes alone and before anything is decoded: format, size, and what a decoder must know.
 * The window, the terminal and the datasets all ask here, so that they accept and refuse the same files.
 */

/** The limits of image files, for every place that reads one. */
export const imageLimits = {
  /** Bytes of a file. */
  fileBytes: 128 * 2 ** 20,
  /** Pixels of an image that is used at its full size. */
  fullPixels: 40_000_000,
  /** Pixels of an image that is shrunk while it is decoded, as for datasets and with `--fit`. */
  shrunkPixels: 200_000_000,
  /** Pixels along a side of an image that the window shows: browsers have no longer canvases. */
  shownSide: 32_767,
} as const;

export type ImageFormat = 'PNG' | 'JPEG' | 'WebP';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The size is that before any EXIF rotation. */
export interface ImageHeader extends ImageSize {
  readonly format: ImageFormat;
  readonly isAnimated: boolean;
  /** A JPEG whose end marker is missing. The decoder finds out whether pixels are missing too. */
  readonly lacksEnd: boolean;
  /** A rare coding that a decoder may not know, e.g. `12-bit JPEG`; null: an ordinary one. */
  readonly rareCoding: string | null;
}

/** @throws Error when a file of so many bytes is empty or too large. */
export function checkFileSize(bytes: number): void {
  if (bytes === 0) throw new Error('The file is empty.');
  if (bytes <= imageLimits.fileBytes) return;
  const mebibytes = (count: number) => `${Math.ceil((count / 2 ** 20) * 10) / 10} MiB`;
  throw new Error(
    `The file has ${mebibytes(bytes)}; at most ${mebibytes(imageLimits.fileBytes)} are possible. Save it smaller.`,
  );
}

/**
 * Reads the header of a whole file. Bytes after the end of the image, such as the video of a motion photo, are ignored.
 * @throws Error that names what the file is instead, or in which way it is damaged.
 */
export function readImageHeader(file: Uint8Array): ImageHeader {
  if (file.length === 0) throw new Error('The file is empty.');
  const format = findImageFormat(file);
  if (!format) throw new Error(describeForeignFile(file));
  const header = readers[format](file);
  if (header === 'cut') throw new Error(`This ${format} file is cut short: it is damaged.`);
  if (!header) throw new Error(`This ${format} file is damaged: its size cannot be read.`);
  const { width, height } = header;
  if (width < 1 || height < 1)
    throw new Error(`This ${format} file is damaged: its size is given as ${width} × ${height} pixels.`);
  return { isAnimated: false, lacksEnd: false, rareCoding: null, ...header, format };
}

/** The format that the first 12 bytes announce; undefined for all others. */
export function findImageFormat(start: Uint8Array): ImageFormat | undefined {
  const text = latin(start, 0, 12);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (text.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (text.startsWith('RIFF') && text.slice(8) === 'WEBP') return 'WebP';
  return undefined;
}

/** `48.8 megapixels`; exact enough to be compared with a limit. */
export function formatMegapixels(pixels: number): string {
  const millions = pixels / 1e6;
  const number = millions < 1000 ? String(Math.ceil(millions * 10) / 10) : millions.toExponential(1);
  return `${number} megapixels`;
}

type Found = ImageSize & Partial<Pick<ImageHeader, 'isAnimated' | 'lacksEnd' | 'rareCoding'>>;

/** `cut`: the file ends before its image does; null: the header makes no sense. */
const readers: Readonly<Record<ImageFormat, (file: Uint8Array) => Found | 'cut' | null>> = {
  PNG: readPng,
  JPEG: readJpeg,
  WebP: readWebp,
};

/** Walks the chunks. W3C, Portable Network Graphics (third edition), section 5. */
function readPng(file: Uint8Array): Found | 'cut' | null {
  if (file.length < 33 || latin(file, 12, 4) !== 'IHDR') return null;
  const view = viewOf(file);
  if (view.getUint32(8) !== 13) return null;
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let isAnimated = false;
  for (let at = 8; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    const type = latin(file, at + 4, 4);
    if (type === 'acTL') isAnimated = true;
    if (type === 'IEND') return { ...size, isAnimated };
  }
  return 'cut';
}

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** Walks the segments and scans up to the end of the first image. ITU-T T.81, B.1 and B.2. */
function readJpeg(file: Uint8Array): Found | 'cut' | null {
  const view = viewOf(file);
  let frame: Found | null = null;
  let hasScan = false;
  const image = () => (hasScan ? frame : null);
  for (let at = findMarker(file, 2); at >= 0;) {
    const marker = file[at + 1];
    if (marker === endOfImage) return image();
    if (isAlone(marker)) {
      at = findMarker(file, at + 2);
      continue;
    }
    if (at + 4 > file.length) break;
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (isFrame(marker) && !frame) {
      if (at + 10 > file.length) break;
      frame = readFrame(file, at);
    }
    hasScan ||= marker === startOfScan;
    at = findMarker(file, at + 2 + length);
  }
  const cut = image();
  return cut ? { ...cut, lacksEnd: true } : 'cut';
}

/** Reads the frame header whose marker is at `at`. */
function readFrame(file: Uint8Array, at: number): Found {
  const view = viewOf(file);
  return {
    width: view.getUint16(at + 7),
    height: view.getUint16(at + 5),
    rareCoding: findRareCoding(file[at + 1], file[at + 4]),
  };
}

/** The next marker: no stuffed zero, restart marker or fill byte of a scan. -1: there is none. */
function findMarker(file: Uint8Array, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0 && at + 1 < file.length; at = file.indexOf(0xff, at + 1)) {
    const marker = file[at + 1];
    if (marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return at;
  }
  return -1;
}

/** SOF0 to SOF15; among them are tables that are no frames. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Markers that no length follows: TEM, and a start of image. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || marker === 0xd8;
}

function findRareCoding(marker: number, bits: number): string | null {
  if ([0xc3, 0xc7, 0xcb, 0xcf].includes(marker)) return 'lossless JPEG';
  if ([0xc5, 0xc6, 0xcd, 0xce].includes(marker)) return 'hierarchical JPEG';
  if (bits !== 8) return `${bits}-bit JPEG`;
  return marker >= 0xc9 ? 'arithmetic-coded JPEG' : null;
}

/** The three kinds of WebP begin differently: lossy, lossless, and extended with its canvas. RFC 9649, section 2. */
function readWebp(file: Uint8Array): Found | 'cut' | null {
  if (file.length < 30) return 'cut';
  const view = viewOf(file);
  const size = readWebpSize(file, view);
  if (!size) return null;
  // Writers disagree about whether the last byte of padding counts.
  if (view.getUint32(4, true) + 7 > file.length) return 'cut';
  return size;
}

function readWebpSize(file: Uint8Array, view: DataView): Found | null {
  const kind = latin(file, 12, 4);
  if (kind === 'VP8 ') {
    if (latin(file, 23, 3) !== '\x9d\x01\x2a') return null;
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (kind === 'VP8L') {
    if (file[20] !== 0x2f) return null;
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (kind !== 'VP8X') return null;
  const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  return { width: 1 + three(24), height: 1 + three(27), isAnimated: (file[20] & 0x02) !== 0 };
}

/** A sentence that names a file that is no PNG, JPEG or WebP image, and what to do about it. */
function describeForeignFile(file: Uint8Array): string {
  const name = nameForeignFormat(file);
  if (!name) return 'This is not a PNG, JPEG or WebP image, whatever its name says.';
  const isImage = !notImages.includes(name);
  return isImage
    ? `This is ${name} image, which cannot be read here. Export it as JPEG or PNG.`
    : `This is ${name}, not an image. Choose a PNG, JPEG or WebP file.`;
}

/** The name of an image format that is not read here, e.g. `HEIC`; null for all other files. */
export function nameOtherImageFormat(file: Uint8Array): string | null {
  const name = nameForeignFormat(file);
  return name === null || notImages.includes(name) ? null : name.replace(/^an? /, '');
}

const notImages = ['a video', 'a PDF document', 'a web page', 'a ZIP archive', 'a Git-LFS pointer'];

/** Names with their article, by the text at an offset of the file. */
const signatures: readonly (readonly [offset: number, text: string, name: string])[] = [
  [0, 'GIF8', 'a GIF'],
  [0, 'BM', 'a BMP'],
  [0, '8BPS', 'a Photoshop (PSD)'],
  [0, '\xff\x0a', 'a JPEG XL'],
  [0, '\0\0\0\x0cJXL ', 'a JPEG XL'],
  [0, '\0\0\0\x0cjP  ', 'a JPEG 2000'],
  [0, '\xff\x4f\xff\x51', 'a JPEG 2000'],
  [0, '\0\0\x01\0', 'an icon (ICO)'],
  [0, '\x76\x2f\x31\x01', 'an OpenEXR'],
  [0, '#?RADIANCE', 'a Radiance HDR'],
  [0, 'qoif', 'a QOI'],
  [0, 'FUJIFILMCCD-RAW', 'a camera RAW'],
  [0, 'IIRO', 'a camera RAW'],
  [0, 'IIRS', 'a camera RAW'],
  [0, 'MMOR', 'a camera RAW'],
  [0, 'IIU\0', 'a camera RAW'],
  [0, 'FOVb', 'a camera RAW'],
  [0, '%PDF', 'a PDF document'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, 'version https://git-lfs', 'a Git-LFS pointer'],
];

function nameForeignFormat(file: Uint8Array): string | null {
  const known = signatures.find(([offset, text]) => latin(file, offset, text.length) === text);
  if (known) return known[2];
  if (latin(file, 4, 4) === 'ftyp') return nameMediaBrand(file);
  if (['II*\0', 'MM\0*'].includes(latin(file, 0, 4))) return isRawTiff(file) ? 'a camera RAW' : 'a TIFF';
  if (['II+\0', 'MM\0+'].includes(latin(file, 0, 4))) return 'a BigTIFF';
  const start = latin(file, 0, 1024)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .toLowerCase();
  if (start.startsWith('<svg') || (start.startsWith('<') && start.includes('<svg'))) return 'an SVG';
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'a web page';
  return null;
}

/** The brands of an ISO media file (ISO/IEC 14496-12), the major one first. */
function nameMediaBrand(file: Uint8Array): string {
  const length = Math.min(file.length, viewOf(file).getUint32(0), 256);
  const brands = Array.from({ length: Math.max(1, Math.floor((length - 8) / 4)) }, (_, index) =>
    latin(file, 8 + 4 * index, 4),
  );
  const has = (...names: string[]) => brands.some((brand) => names.includes(brand));
  if (has('avif', 'avis')) return 'an AVIF';
  if (has('heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1')) return 'a HEIC';
  return has('crx ') ? 'a camera RAW' : 'a video';
}

/** Cameras write RAW files as TIFF with tags of their own in the first directory. */
function isRawTiff(file: Uint8Array): boolean {
  if (file.length < 14) return false;
  if (latin(file, 8, 2) === 'CR') return true;
  const view = viewOf(file);
  const isLittle = file[0] === 0x49;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > file.length) return false;
  const count = view.getUint16(directory, isLittle);
  const tags = new Set<number>();
  for (let index = 0; index < count && directory + 4 + 12 * index <= file.length; index++)
    tags.add(view.getUint16(directory + 2 + 12 * index, isLittle));
  const [make, subImages, dngVersion] = [0x010f, 0x014a, 0xc612];
  return tags.has(dngVersion) || (tags.has(make) && tags.has(subImages));
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

function latin(file: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...file.subarray(at, at + length));
}

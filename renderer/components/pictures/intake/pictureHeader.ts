/** What a picture file is, by its bytes alone and before it is decoded: format and size. */

import { mostPictureBytes, mostPicturePixels } from '../../../../shared/inpainting.ts';
import { formatBytes } from '../../../../shared/pure/format.ts';
import { readJpegSize } from './jpegSize.ts';

export type PictureFormat = 'PNG' | 'JPEG' | 'WebP';

/** Browsers have no longer canvases. */
const longestSide = 32_767;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PictureHeader extends PictureSize {
  readonly format: PictureFormat;
}

/** @throws Error when a file of so many bytes is not worth reading. */
export function checkFileSize(bytes: number): void {
  if (bytes === 0) throw new Error('The file is empty.');
  if (bytes > mostPictureBytes) {
    throw new Error(
      `${formatBytes(bytes)} found, at most ${formatBytes(mostPictureBytes)} expected: save it smaller.`,
    );
  }
}

/**
 * Of a whole file; sizes are those before any EXIF rotation.
 * @throws Error naming what was found and what was expected.
 */
export function readPictureHeader(file: Uint8Array): PictureHeader {
  const format = sniffFormat(file);
  const size = readers[format](file);
  if (!size) throw new Error(`This ${format} file ends or breaks before it tells its size: it is damaged.`);
  checkPictureSize(size);
  if (isCutShort(file, format)) throw new Error(`This ${format} file is cut short: it is damaged.`);
  return { format, ...size };
}

/** @throws Error when a picture of that size has no pixels, or more than are taken in. */
export function checkPictureSize({ width, height }: PictureSize): void {
  if (width < 1 || height < 1)
    throw new Error(`${width} × ${height} pixels found, at least 1 × 1 expected: the file is damaged.`);
  const found = `${width} × ${height} pixels (${megapixels(width * height)} megapixels)`;
  if (Math.max(width, height) > longestSide)
    throw new Error(`${found} found, at most ${longestSide} a side expected: cut it.`);
  if (width * height <= mostPicturePixels) return;
  throw new Error(`${found} found, at most ${megapixels(mostPicturePixels)} megapixels expected: shrink it.`);
}

function megapixels(pixels: number): string {
  const millions = pixels / 1e6;
  return millions < 1000 ? String(Math.ceil(millions * 10) / 10) : millions.toExponential(1);
}

/** @throws Error for anything but the three formats. */
function sniffFormat(file: Uint8Array): PictureFormat {
  const start = latin(file, 0, 12);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (start.startsWith('RIFF') && start.endsWith('WEBP') && start.length === 12) return 'WebP';
  throw new Error('This is no PNG, JPEG or WebP picture, whatever its name says.');
}

const readers: Readonly<Record<PictureFormat, (file: Uint8Array) => PictureSize | null>> = {
  PNG: readPngSize,
  JPEG: readJpegSize,
  WebP: readWebpSize,
};

function readPngSize(file: Uint8Array): PictureSize | null {
  if (file.length < 33 || latin(file, 12, 4) !== 'IHDR') return null;
  const view = viewOf(file);
  return view.getUint32(8) === 13 ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
}

/** The three kinds of WebP begin differently: lossy, lossless, and extended, whose canvas is told. */
function readWebpSize(file: Uint8Array): PictureSize | null {
  if (file.length < 30) return null;
  const view = viewOf(file);
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
  return { width: 1 + three(24), height: 1 + three(27) };
}

/** Browsers draw what there is of a file that ends early; its missing part would be taken for the picture. */
function isCutShort(file: Uint8Array, format: PictureFormat): boolean {
  if (format === 'WebP') return viewOf(file).getUint32(4, true) + 8 > file.length;
  return format === 'PNG' ? !hasPngEnd(file) : !hasJpegEnd(file);
}

function hasPngEnd(file: Uint8Array): boolean {
  const view = viewOf(file);
  for (let at = 8; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    if (latin(file, at + 4, 4) === 'IEND') return true;
  }
  return false;
}

/** The end marker may have padding or another picture behind it; a thumbnail's stands before the scan. */
function hasJpegEnd(file: Uint8Array): boolean {
  for (let at = file.length - 2; at >= 2; at--) {
    if (file[at] !== 0xff) continue;
    if (file[at + 1] === 0xd9) return true;
    if (file[at + 1] === 0xda) return false;
  }
  return false;
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

function latin(file: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...file.subarray(at, at + length));
}

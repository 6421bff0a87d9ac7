/** Puts a picture on the clipboard. */

/** Takes the promise, not the picture: the clipboard may be asked for in the click alone. @throws Error when it is refused. */
export function copyPng(picture: Promise<Blob>): Promise<void> {
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
}

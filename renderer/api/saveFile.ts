/** Gives a file to the user: the browser's download, or the desktop's save dialog. */

/** Names keep letters, digits, dots and dashes; everything else becomes a dash. */
export function fileName(...parts: readonly string[]): string {
  const [extension, ...words] = [...parts].reverse();
  const name = words
    .reverse()
    .join('-')
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 120);
  return `${name || 'file'}.${extension}`;
}

export function saveFile(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then; the picture's memory goes back.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Takes the promise, not the picture: the clipboard may be asked for in the click alone. @throws Error when it is refused. */
export function copyPng(picture: Promise<Blob>): Promise<void> {
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
}

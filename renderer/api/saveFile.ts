/** Hands files and images to the user: the browser's download, the desktop's save dialog, the clipboard. */

/** Joins parts to a file name; the last part is the extension. Characters other than letters, digits and dots become dashes. */
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

/** Returns the name if none of these has it, otherwise the name with a number before its extension. */
export function distinctName(name: string, taken: ReadonlySet<string>): string {
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(name) ?? [];
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${stem}-${number}${extension ?? ''}`;
  return candidate;
}

export function saveFile(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // Releases the memory after the download has started.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Copies an image to the clipboard. Takes a promise because browsers grant access only during the click itself.
 * @throws Error when access is refused.
 */
export function copyPng(image: Promise<Blob>): Promise<void> {
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': image })]);
}

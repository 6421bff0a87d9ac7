/** Drops and pastes files with real events. */

import type { JSHandle, Page } from '@playwright/test';
import type { ImageFile } from './imageFiles.ts';

/** Drags files over the window and drops them there. */
export async function dropFiles(page: Page, files: readonly ImageFile[]): Promise<void> {
  const dataTransfer = await createTransfer(page, files);
  for (const type of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('main', type, { dataTransfer });
}

/** Drags files over the window without dropping them. */
export async function dragFiles(page: Page, files: readonly ImageFile[]): Promise<void> {
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: await createTransfer(page, files) });
}

/** Drags a folder over an element (default: the view's title), or drops it there. A page cannot make a folder, so its entry is a stand-in. */
export async function dragFolder(
  page: Page,
  name: string,
  type: 'dragover' | 'drop',
  over = 'main h1',
): Promise<void> {
  await page.evaluate(
    ([folder, event, selector]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([], folder));
      const entry = { name: folder, isFile: false, isDirectory: true };
      const own = Object.getOwnPropertyDescriptor(DataTransferItem.prototype, 'webkitGetAsEntry');
      DataTransferItem.prototype.webkitGetAsEntry = () => entry as FileSystemEntry;
      const target = document.querySelector(selector) ?? document.body;
      for (const each of event === 'drop' ? ['drop'] : ['dragenter', 'dragover'])
        target.dispatchEvent(new DragEvent(each, { dataTransfer, bubbles: true, cancelable: true }));
      if (own) Object.defineProperty(DataTransferItem.prototype, 'webkitGetAsEntry', own);
    },
    [name, type, over],
  );
}

export async function pasteFile(page: Page, file: ImageFile): Promise<void> {
  await page.evaluate(`document.body.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: ${describeTransfer([file])}, bubbles: true, cancelable: true }),
  )`);
}

/** Copies a file to the clipboard, as another program would. */
export async function copyFile(page: Page, file: ImageFile): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(`(() => {
    const [image] = ${describeTransfer([file])}.files;
    return navigator.clipboard.write([new ClipboardItem({ [image.type]: image })]);
  })()`);
}

interface PlainFile {
  readonly name: string;
  readonly type: string;
  readonly base64: string;
}

function createTransfer(page: Page, files: readonly ImageFile[]): Promise<JSHandle> {
  return page.evaluateHandle(describeTransfer(files));
}

/** Returns an expression for the page that creates a DataTransfer of the files. */
function describeTransfer(files: readonly ImageFile[]): string {
  const plain = files.map(({ name, mimeType, buffer }): PlainFile => ({
    name,
    type: mimeType,
    base64: buffer.toString('base64'),
  }));
  return `(() => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of ${JSON.stringify(plain)}) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
  })()`;
}

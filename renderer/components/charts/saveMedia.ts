/** Gives what the laboratory has at an address to the user as a file. */

import { mediaUrl } from '../../api.ts';
import { saveFile } from './saveFile.ts';

/** Saves what is at an address below the media root. @throws Error when it cannot be fetched. */
export async function saveMedia(name: string, path: string): Promise<void> {
  const response = await fetch(mediaUrl(path));
  if (!response.ok) throw new Error(`The file could not be fetched (${response.status})`);
  saveFile(name, await response.blob());
}

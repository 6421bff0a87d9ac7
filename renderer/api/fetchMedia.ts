/**
 * Fetches a file from the media root.
 * @param address As returned by `mediaUrl`.
 * @throws Error if the file does not exist.
 */
export async function fetchMedia(address: string): Promise<Blob> {
  const response = await fetch(address);
  if (response.ok) return response.blob();
  throw new Error(`The file could not be loaded (status ${response.status}). It may have been deleted.`);
}

/** What repairs an installation in which a part of the program does not load. */

/**
 * Returns the command for a checkout. A packaged application, whose modules are in an archive, has neither npm nor a folder
 * that could be set up: it is installed again.
 */
export function repairOf(command: string, folder: string = import.meta.dirname): string {
  return isPackaged(folder) ? 'install the application again' : command;
}

/** Returns whether a folder of the program is in the archive of a packaged application. */
export function isPackaged(folder: string = import.meta.dirname): boolean {
  return folder.split(/[\\/]/).some((part) => part.endsWith('.asar'));
}

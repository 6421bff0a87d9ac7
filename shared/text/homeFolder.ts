/** The home folder of an account; accounts without an entry in the user database have none. */

/** What the application stores on a machine, and the variable that names its folder. */
const places = {
  data: { content: 'runs and their database', variable: 'SPARSE_FIELD_LAB_DATA' },
  config: { content: 'settings and the log', variable: 'SPARSE_FIELD_LAB_CONFIG' },
  cache: { content: 'downloads and TensorFlow', variable: 'SPARSE_FIELD_LAB_CACHE' },
} as const;

/** Returns null if the system knows none. `homedir`: of `node:os`, which throws for an account without an entry. */
export function findHomeFolder(homedir: () => string): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}

/** @throws Error that names the variables to set if there is no home folder. */
export function requireHomeFolder(homedir: () => string, place: keyof typeof places): string {
  const home = findHomeFolder(homedir);
  if (home !== null) return home;
  const { content, variable } = places[place];
  const others = Object.values(places).flatMap((other) =>
    other.variable === variable ? [] : [other.variable],
  );
  throw new Error(
    `This account has no home folder, so there is no folder for ${content}. Set HOME, or set ${variable} ` +
      `to a writable folder (${others.join(' and ')} are needed too).`,
  );
}

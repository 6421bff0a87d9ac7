/** The home folder of an account, which an account without an entry in the user database does not have. */

/** What the application keeps on a machine, and the variable that names the folder for it. */
const places = {
  data: { content: 'runs and their database', variable: 'SPARSE_FIELD_LAB_DATA' },
  config: { content: 'settings and the log', variable: 'SPARSE_FIELD_LAB_CONFIG' },
  cache: { content: 'downloads and TensorFlow', variable: 'SPARSE_FIELD_LAB_CACHE' },
} as const;

/** null where the system knows none. `homedir`: of `node:os`, which throws for an account without an entry. */
export function findHomeFolder(homedir: () => string): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}

/** @throws Error that names the variables to set where there is no home folder. */
export function requireHomeFolder(homedir: () => string, place: keyof typeof places): string {
  const home = findHomeFolder(homedir);
  if (home !== null) return home;
  const { content, variable } = places[place];
  const others = Object.values(places).flatMap((other) =>
    other.variable === variable ? [] : [other.variable],
  );
  throw new Error(
    `This account has no home folder, so there is no place for ${content}. Set HOME, or set ${variable} ` +
      `to a folder that you may write (${others.join(' and ')} are needed likewise).`,
  );
}

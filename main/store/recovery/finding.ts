/** What opening the store found and repaired. */

/** One inconsistency, and what was done about it. */
export interface Finding {
  readonly kind:
    | 'database set aside'
    | 'database migrated'
    | 'run adopted'
    | 'sweep adopted'
    | 'run moved'
    | 'import undone'
    | 'folder not readable'
    | 'folder missing'
    | 'run interrupted'
    | 'checkpoint adopted'
    | 'checkpoint damaged'
    | 'checkpoint missing'
    | 'preview adopted'
    | 'preview missing'
    | 'inpainting interrupted'
    | 'inpainting adopted'
    | 'temporary file removed';
  /** null when it does not concern a single run. */
  readonly runId: string | null;
  readonly message: string;
}

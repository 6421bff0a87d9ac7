/** What opening the store tells its user. */

/** One thing that was not as it should be, and what was done. */
export interface Finding {
  readonly kind:
    | 'database set aside'
    | 'database migrated'
    | 'run adopted'
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
  /** null: not about one run. */
  readonly runId: string | null;
  readonly message: string;
}

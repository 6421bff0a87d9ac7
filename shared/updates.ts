/** New versions of the installed application, as the page shows them. */

export type UpdateState =
  /** This copy is not updated by the application itself. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Nothing was asked since the start. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'current' }
  | ({ readonly kind: 'available' | 'downloading' | 'ready' } & NewVersion)
  | { readonly kind: 'failed'; readonly message: string };

export interface NewVersion {
  readonly version: string;
  /** What has changed, as Markdown; may be empty. */
  readonly notes: string;
  /** Address of its page, with the installers. */
  readonly page: string;
  /** Whether the application may install it: only signed packages can verify who made the new one. */
  readonly canInstall: boolean;
}

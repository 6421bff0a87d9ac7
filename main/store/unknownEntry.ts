/** Something the user's own pictures are about that is not there, or not any more. */

export class UnknownEntryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnknownEntryError';
  }
}

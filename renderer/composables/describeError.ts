/** What was thrown, as words for the reader and details for a report. */

import { RequestError } from '../api.ts';

export interface ErrorDescription {
  /** One or two sentences for the reader. */
  readonly message: string;
  /** For "Copy details". */
  readonly details: string;
}

export function describeError(error: unknown): ErrorDescription {
  if (error instanceof RequestError) {
    return { message: error.message, details: `${error.code}: ${error.message}\n${error.details}` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? reason) : reason;
  return {
    message: `${reason} This is a fault of the page itself; the runs are not touched by it.`,
    details: `${stack}\n${location.hash}\n${navigator.userAgent}\n${new Date().toISOString()}`,
  };
}

/** Errors as the page receives them: never a stack, always a next step. */

export type FailureCode =
  /** The request did not fit the contract. */
  | 'invalid'
  | 'notFound'
  /** Not possible in the present state, e.g. deleting an active run. */
  | 'conflict'
  /** Not possible here, e.g. a native dialog in a browser. */
  | 'unavailable'
  | 'failed';

export interface Failure {
  readonly code: FailureCode;
  /** The value found, the value expected and the next step, in one or two sentences. */
  readonly message: string;
  /** For "Copy details": channel, time, version. */
  readonly details: string;
}

/** Every answer to a request. */
export type Answer<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: Failure };

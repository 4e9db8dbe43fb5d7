declare const revisionBrand: unique symbol;

/**
 * A position in the log: a positive integer, consecutive, never reused once durable. It is the `resourceVersion` of the
 * object that the entry holds. 0 (`noRevision`) means "no entry".
 */
export type Revision = number & { readonly [revisionBrand]: true };

export const noRevision = 0 as Revision;

export function revision(n: number): Revision {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`not a revision: ${String(n)}`);
  return n as Revision;
}

/** The opaque string that clients see. */
export const revisionText = (r: Revision): string => String(r);

/** Decimal digits only, no sign, at most 2^53-1; anything else is undefined. The empty string is not a revision. */
export function parseRevision(text: string): Revision | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const n = Number(text);
  return Number.isSafeInteger(n) ? (n as Revision) : undefined;
}

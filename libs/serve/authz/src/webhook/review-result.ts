import { goQuote } from '@reckon/api/machinery';
import * as z from 'zod';

export type ReviewVersion = 'v1' | 'v1beta1';

/** What the webhook says of a request. */
export interface ReviewStatus {
  readonly allowed: boolean;
  readonly denied: boolean;
  readonly reason: string;
}

/** An answer that is no review. */
export class ReviewResultError extends Error {
  readonly code = 'ReviewResult';

  constructor(why: string) {
    super(`the webhook's answer is no SubjectAccessReview: ${why}`);
    this.name = 'ReviewResultError';
  }
}

const text = z.string().nullish();
const review = z.object({
  apiVersion: text,
  kind: text,
  status: z
    .object({ allowed: z.boolean().nullish(), denied: z.boolean().nullish(), reason: text, evaluationError: text })
    .nullish(),
});

/** Reads a webhook's answer. A review without a status allows nothing. Throws `ReviewResultError`. */
export function reviewResult(body: string, version: ReviewVersion): ReviewStatus {
  const parsed = review.safeParse(jsonIn(body));
  if (!parsed.success)
    throw new ReviewResultError(
      parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; '),
    );
  const { apiVersion, kind, status } = parsed.data;
  const expected = `authorization.k8s.io/${version}`;
  if ((kind ?? '') !== '' && kind !== 'SubjectAccessReview')
    throw new ReviewResultError(`it is of the kind ${goQuote(kind ?? '')}`);
  if ((apiVersion ?? '') !== '' && apiVersion !== expected)
    throw new ReviewResultError(`it is of ${goQuote(apiVersion ?? '')}, not of ${goQuote(expected)}`);
  return { allowed: status?.allowed ?? false, denied: status?.denied ?? false, reason: status?.reason ?? '' };
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    // Of JSON.parse: always a SyntaxError.
    throw new ReviewResultError(error instanceof Error ? error.message : String(error));
  }
}

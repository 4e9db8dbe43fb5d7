import type { CelChecker, CelScope, CelType } from '@reckon/api/cel';
import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';

/** Go's `strings.TrimSpace`: what JavaScript calls white space but for the byte order mark, and U+0085. */
export const trimSpace = (text: string): string =>
  text
    .replace(/^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/, '')
    .replace(/[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/, '');

export interface ExpressionRules {
  readonly cel: CelChecker;
  readonly scope: CelScope;
  /** Any type when empty. */
  readonly results: readonly CelType[];
  /** What the message quotes, when it is not the expression. */
  readonly shown?: string;
}

/** Gives the type of a good expression. */
export function checkExpression(
  errors: Errors,
  path: FieldPath,
  expression: string,
  { cel, scope, results, shown = expression }: ExpressionRules,
): CelType | undefined {
  const outcome = cel.check(expression, scope, results);
  if ('type' in outcome) return outcome.type;
  errors.push(fieldErrors.invalid(path, shown, outcome.problem));
  return undefined;
}

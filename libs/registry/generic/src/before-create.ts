import { type KubeObject, fieldPath, statusErrors, validateObjectMeta } from '@reckon/api/machinery';
import { nameRuleOf } from './name-rule-of';
import { matchNamespace } from './names-match';
import type { RequestContext } from './request-context';
import type { StoreParts } from './store-parts';

/**
 * What happens to every new object before it is admitted and appended (apiserver/pkg/registry/rest `BeforeCreate`). The order:
 *
 * 1. namespace: filled or refused, since every later message names it;
 * 2. prepare: what a client may not set is cleared, so that it is not validated;
 * 3. validate: metadata first, as the kinds' own validations do upstream; all errors in one answer;
 * 4. warnings: only for what is accepted.
 */
export function beforeCreate(parts: StoreParts, ctx: RequestContext, namespace: string, object: KubeObject): void {
  const { row, strategy } = parts;
  matchNamespace(object.metadata, row.namespaced ? namespace : '');
  strategy.prepareForCreate?.(ctx, object);

  const errors = validateObjectMeta(object.metadata, {
    namespaced: row.namespaced,
    nameRule: nameRuleOf(strategy),
    path: fieldPath('metadata'),
  });
  if (strategy.validate !== undefined) errors.push(...strategy.validate(ctx, object));
  if (errors.length > 0) throw statusErrors.invalid(parts.groupKind, object.metadata.name ?? '', errors);

  for (const warning of strategy.warningsOnCreate?.(ctx, object) ?? []) ctx.warn(warning);
}

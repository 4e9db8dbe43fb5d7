import {
  type FieldError,
  type KubeObject,
  fieldPath,
  nameIsPathSegment,
  statusErrors,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '@reckon/api/machinery';
import { matchNamespace } from './names-match';
import type { RequestContext } from './request-context';
import type { StoreParts } from './store-parts';
import type { Strategy } from './strategy';

/**
 * What happens to every changed object before it is admitted and appended (apiserver/pkg/registry/rest `BeforeUpdate`). The order:
 *
 * 1. namespace and generation: never a client's to change;
 * 2. prepare: the strategy restores what this (sub)resource may not touch and bumps the generation;
 * 3. system fields: restored after prepare, which may have replaced the metadata;
 * 4. validate: common metadata rules, then the kind's (which upstream begin with the metadata rules again: hence twice);
 * 5. warnings: only for what is accepted.
 */
export function beforeUpdate(
  parts: StoreParts,
  strategy: Strategy,
  ctx: RequestContext,
  namespace: string,
  object: KubeObject,
  old: KubeObject,
): void {
  const { row } = parts;
  matchNamespace(object.metadata, row.namespaced ? namespace : '');
  keep(object, old, 'generation');

  strategy.prepareForUpdate?.(ctx, object, old);

  const meta = object.metadata;
  if ((meta.uid ?? '') === '') keep(object, old, 'uid');
  keep(object, old, 'creationTimestamp');
  if (old.metadata.deletionTimestamp !== undefined) meta.deletionTimestamp = old.metadata.deletionTimestamp;
  if (old.metadata.deletionGracePeriodSeconds !== undefined && meta.deletionGracePeriodSeconds === undefined)
    meta.deletionGracePeriodSeconds = old.metadata.deletionGracePeriodSeconds;
  delete meta.selfLink;

  const path = fieldPath('metadata');
  const errors: FieldError[] = validateObjectMeta(meta, {
    namespaced: row.namespaced,
    nameRule: nameIsPathSegment,
    path,
  });
  const changed = validateObjectMetaUpdate(meta, old.metadata, path);
  if (changed.length > 0) errors.push(...changed, ...changed);
  if (strategy.validateUpdate !== undefined) errors.push(...strategy.validateUpdate(ctx, object, old));
  if (errors.length > 0) throw statusErrors.invalid(parts.groupKind, meta.name ?? '', errors);

  for (const warning of strategy.warningsOnUpdate?.(ctx, object, old) ?? []) ctx.warn(warning);
}

function keep(object: KubeObject, old: KubeObject, field: 'generation' | 'uid' | 'creationTimestamp'): void {
  const value = old.metadata[field];
  if (value === undefined) delete object.metadata[field];
  else Object.assign(object.metadata, { [field]: value });
}

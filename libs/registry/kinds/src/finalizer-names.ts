import { type FieldError, fieldPath, type KubeObject } from '@reckon/api/machinery';
import type { Strategy } from '@reckon/registry/generic';
import { checkKnownFinalizer } from './core/v1/finalizer-name';

/**
 * The rule that nearly all built-in kinds add to those for metadata: a finalizer without a domain is one of the system's
 * (ValidateObjectMeta of pkg/apis/core/validation, before anything else of the kind).
 */
export function withFinalizerNames(strategy: Strategy): Strategy {
  const { validate, validateUpdate } = strategy;
  return {
    ...strategy,
    validate: (ctx, object) => joined(finalizerErrors(object), validate?.(ctx, object)),
    validateUpdate: (ctx, object, old) => joined(finalizerErrors(object), validateUpdate?.(ctx, object, old)),
  };
}

function finalizerErrors({ metadata }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, name] of (metadata.finalizers ?? []).entries())
    checkKnownFinalizer(errors, fieldPath('metadata', 'finalizers').index(index), name);
  return errors;
}

function joined(first: FieldError[], rest: FieldError[] | undefined): FieldError[] {
  if (rest === undefined) return first;
  return first.length === 0 ? rest : [...first, ...rest];
}

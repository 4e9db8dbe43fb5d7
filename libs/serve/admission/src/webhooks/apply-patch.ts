import { deepestNesting, scanJson } from '@reckon/api/kinds';
import { goKindOf, type GroupVersionKind, type KubeObject, StatusError, statusErrors } from '@reckon/api/machinery';
import { createPatcher } from '@reckon/registry/generic';
import type { ObjectForms } from '../versioned-request';
import { WebhookCallError } from './call-error';
import { patchProblem } from './patch-problem';
import { syntaxProblem } from './syntax-problem';

/** One operation, as far as it is known to be one. */
export type Operation = Readonly<Record<string, unknown>>;

/** The operations of an answered patch. Throws WebhookCallError where they cannot be read. */
export function operationsOf(webhook: string, patch: string): readonly Operation[] {
  const undecodable = (why: string, cause?: unknown): WebhookCallError =>
    new WebhookCallError(webhook, `received undecodable patch in webhook response: ${why}`, 503, { cause });
  const bytes = Buffer.from(patch);
  if (scanJson(bytes).depth > deepestNesting) throw undecodable('exceeded max depth');
  let value: unknown;
  try {
    value = JSON.parse(patch);
  } catch (error) {
    throw undecodable(syntaxProblem(bytes), error);
  }
  if (value === null) return [];
  if (!Array.isArray(value))
    throw undecodable(`json: cannot unmarshal ${goKindOf(value)} into Go value of type jsonpatch.Patch`);
  for (const operation of value as unknown[])
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
      throw undecodable(`json: cannot unmarshal ${goKindOf(operation)} into Go value of type jsonpatch.Operation`);
  return value as Operation[];
}

/** A new object in canonical form. Throws an InternalError where the patch does not fit, as upstream. */
export function applyPatch(
  current: KubeObject,
  { operations, text }: { readonly operations: readonly Operation[]; readonly text: string },
  { forms, kind }: { readonly forms: ObjectForms; readonly kind: GroupVersionKind },
): KubeObject {
  const patcher = createPatcher({
    type: 'json',
    // As it came: numbers keep all their digits.
    body: Buffer.from(text),
    fieldValidation: 'Ignore',
    kinds: forms.kinds,
    decoder: forms.decoder,
    expected: kind,
  });
  try {
    return patcher(current).object;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw statusErrors.internal(patchProblem(current, operations) ?? error.message, error);
  }
}

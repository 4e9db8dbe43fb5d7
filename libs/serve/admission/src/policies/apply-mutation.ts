import { celJson, CelJsonError, type CelValue, type CelVariables } from '@reckon/api/cel';
import { DecodeError, mergeSchema } from '@reckon/api/kinds';
import {
  type GroupVersionKind,
  type KubeObject,
  StatusError,
  statusErrors,
  stringifyJson,
} from '@reckon/api/machinery';
import { createPatcher } from '@reckon/registry/generic';
import { type CostBudget, evaluate } from '../expressions/compile-expression';
import type { ObjectForms } from '../versioned-request';
import { patchProblem } from '../webhooks/patch-problem';
import { MergeError, mergeTyped } from './merge-typed';
import { patchValue, typeMismatch } from './object-types';
import type { Mutation } from './mutating-policy';

/** A mutation that failed: the policy's failure policy decides. */
export class MutationError extends Error {
  readonly code = 'Mutation';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'MutationError';
  }
}

export interface MutationParts {
  readonly forms: ObjectForms;
  readonly kind: GroupVersionKind;
  readonly variables: CelVariables;
  readonly budget: CostBudget;
}

/** The object after one mutation, in canonical form (policy/mutating/patch). Throws MutationError, or StatusError for our own failures. */
export async function applyMutation(
  { type, expression }: Mutation,
  current: KubeObject,
  parts: MutationParts,
): Promise<KubeObject> {
  const { value, error } = await evaluate(expression, parts.variables, parts.budget);
  if (error !== undefined) throw new MutationError(error);
  const mismatch = mismatchIn(value);
  if (mismatch !== '') throw new MutationError(`type mismatch: ${mismatch}`);
  let json: unknown;
  try {
    json = celJson(value);
  } catch (cause) {
    if (!(cause instanceof CelJsonError)) throw cause;
    throw new MutationError(
      `${type === 'JSONPatch' ? 'JSONPath valueExpression evaluated to a type that could not marshal to JSON' : 'type mismatch'}: ${cause.message}`,
      { cause },
    );
  }
  return type === 'JSONPatch'
    ? applyJson(current, json as Record<string, unknown>[], parts)
    : applyConfiguration(current, json as Record<string, unknown>, parts);
}

/** Of an object, or of the values that stand in a patch. */
function mismatchIn(value: CelValue): string {
  if (typeof value !== 'object' || value?.kind !== 'list') return typeMismatch(value);
  for (let i = 0; i < value.size; i++) {
    const mismatch = typeMismatch(patchValue(value.at(i)));
    if (mismatch !== '') return mismatch;
  }
  return '';
}

/** A patch whose test fails changes nothing. */
function applyJson(
  current: KubeObject,
  operations: readonly Record<string, unknown>[],
  { forms, kind }: MutationParts,
): KubeObject {
  const problem = patchProblem(current, operations);
  if (problem?.endsWith('test failed') === true) return current;
  if (problem !== undefined) throw new MutationError(`JSON Patch: ${problem}`);
  const patcher = createPatcher({
    type: 'json',
    body: Buffer.from(stringifyJson(operations)),
    fieldValidation: 'Warn',
    kinds: forms.kinds,
    decoder: forms.decoder,
    expected: kind,
  });
  try {
    const { object, warnings } = patcher(current);
    if (warnings.length > 0) throw statusErrors.internal(`strict decoding error: ${warnings.join(', ')}`);
    return object;
  } catch (error) {
    if (error instanceof StatusError && error.code !== 'InternalError')
      throw statusErrors.internal(error.message, error);
    throw error;
  }
}

function applyConfiguration(
  current: KubeObject,
  configuration: Record<string, unknown>,
  { forms: { kinds, decoder }, kind }: MutationParts,
): KubeObject {
  const struct = kinds.structOf(kind);
  if (struct === undefined)
    throw statusErrors.serviceUnavailable(
      `Resource kind ${kind.group}/${kind.version}, Kind=${kind.kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
    );
  try {
    const merged = mergeTyped(mergeSchema(kinds.types, struct), current, configuration);
    return decoder.normalize(merged, { expected: kind, strict: false }).object;
  } catch (error) {
    if (!(error instanceof MergeError || error instanceof DecodeError)) throw error;
    throw new MutationError(`error applying patch: ${error.message}`, { cause: error });
  }
}

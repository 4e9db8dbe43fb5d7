import {
  type Decoded,
  DecodeError,
  type Decoder,
  type FieldValidation,
  type KindRegistry,
  type StructType,
} from '@reckon/api/kinds';
import {
  type GroupVersionKind,
  type KubeObject,
  deepCopy,
  fieldErrors,
  fieldPath,
  goKindOf,
  statusErrors,
} from '@reckon/api/machinery';
import { conversionProblem } from './conversion-problem';
import { goValueText } from './go-value-text';
import { applyJsonPatch } from './json-patch';
import { type JsonPatchOperation, readJsonPatch } from './json-patch-operations';
import { applyMergePatch } from './merge-patch';
import { inGoOrder, patchedText } from './patched-text';
import { JsonSyntaxError, type ReadPatch, readPatch } from './read-patch';
import { otherKindProblem } from './other-kind';
import { applyStrategicMerge } from './strategic-merge';

export type PatchType = 'json' | 'merge' | 'strategic';

export interface PatcherOptions {
  readonly type: PatchType;
  readonly body: Buffer;
  /** '' is Warn. */
  readonly fieldValidation: FieldValidation;
  readonly kinds: KindRegistry;
  readonly decoder: Decoder;
  /** The version that the patch was made for: the row's. */
  readonly expected: GroupVersionKind;
}

export interface Patched {
  /** A new object in canonical form; without defaults. */
  readonly object: KubeObject;
  /** For `Warning` headers (`fieldValidation=Warn`). */
  readonly warnings: readonly string[];
}

/**
 * Applies the patch to an object of its version and in canonical form, which stays as it is. Members that the patch leaves alone
 * (`spec`, `status`, `data`; never `metadata`) are the same objects in the result: whoever looks at both sees at once that nothing
 * has changed there, and nobody may change them in place. Call it for every retry.
 */
export type Patcher = (current: KubeObject) => Patched;

type Json = Record<string, unknown>;

/**
 * PATCH (endpoints/handlers `jsonPatcher`, `smpPatcher`): the patch is parsed when it is first applied, since upstream looks for the
 * object first. Throws StatusError: 400 for what is no patch, 413 for too many operations, 422 when it does not fit the object
 * or its result does not fit the type (all fields of which are checked according to `fieldValidation`).
 */
export function createPatcher(options: PatcherOptions): Patcher {
  const isStrict = options.fieldValidation !== 'Ignore';
  let read: ReadPatch | undefined;
  let operations:
    { readonly list: readonly JsonPatchOperation[]; readonly strictErrors: readonly string[] } | undefined;

  return (current) => {
    read ??= readBody(options, isStrict);
    const strictErrors: string[] = isStrict ? [...read.duplicates] : [];
    const touched = new Set<object>();
    let document: unknown;
    let show: () => string = () => patchedText(document, touched);

    switch (options.type) {
      case 'json': {
        operations ??= readJsonPatch(read, isStrict);
        strictErrors.splice(0, strictErrors.length, ...operations.strictErrors);
        document = applyJsonPatch(deepCopy(current), structuredClone(operations.list), touched);
        break;
      }
      case 'merge':
        document = applyMergePatch(
          isOpen(options) ? deepCopy(current) : current,
          deepCopy(asObject(read.value, 'error decoding patch: ', 'Invalid JSON Patch')),
          touched,
        );
        break;
      case 'strategic': {
        const patch = structuredClone(asObject(read.value, '', undefined));
        show = () => goValueText(patch);
        const struct = structOf(options);
        const root = { kind: 'struct', struct: struct.name, goName: struct.goName } as const;
        document = applyStrategicMerge(options.kinds.types, copyOfNamed(current, patch), patch, root);
        break;
      }
    }
    if (options.type !== 'strategic' && !isOpen(options)) {
      const problem = otherKindProblem(options.kinds, options.expected, document);
      if (problem !== undefined) throw invalidPatch(show(), problem);
    }
    const reread = options.type === 'strategic' ? undefined : (): unknown => inGoOrder(document, touched);
    const kept = isOpen(options) ? undefined : leftAlone(current, document);
    return restored(options, document, { strictErrors, isStrict, show, reread, kept });
  };
}

/** A copy that a strategic merge may change: of the members that the patch names, or of all, where a directive may mean any. */
function copyOfNamed(current: KubeObject, patch: Json): Json {
  const names = Object.keys(patch);
  if (names.some((name) => name.startsWith('$'))) return deepCopy(current);
  const copy: Json = { ...current };
  for (const name of names) if (Object.hasOwn(current, name)) copy[name] = deepCopy(current[name]);
  return copy;
}

/** The members that are still those of the object. Metadata get a revision and more in place, so they are copied always. */
function leftAlone(current: KubeObject, document: unknown): ReadonlySet<unknown> | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const kept = new Set<unknown>();
  for (const [name, value] of Object.entries(document))
    if (name !== 'metadata' && typeof value === 'object' && value !== null && value === current[name]) kept.add(value);
  return kept;
}

function readBody({ body, type }: PatcherOptions, isStrict: boolean): ReadPatch {
  try {
    return readPatch(body);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (type === 'strategic') throw statusErrors.badRequest(error.message, error);
    throw statusErrors.badRequest(isStrict ? `error decoding patch: ${error.message}` : 'Invalid JSON Patch', error);
  }
}

function asObject(value: unknown, prefix: string, nullText: string | undefined): Json {
  if (value === null) {
    if (nullText === undefined) return {};
    throw statusErrors.badRequest(nullText);
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw statusErrors.badRequest(
      `${prefix}json: cannot unmarshal ${goKindOf(value)} into Go value of type map[string]interface {}`,
    );
  return value as Json;
}

interface Restoring {
  /** What strict decoding found in the patch itself. */
  readonly strictErrors: readonly string[];
  readonly isStrict: boolean;
  readonly show: () => string;
  /** The document in the order in which its errors are told; undefined when any order is upstream's. */
  readonly reread: (() => unknown) | undefined;
  readonly kept: ReadonlySet<unknown> | undefined;
}

/** The patched document as an object of the type. */
function restored(
  options: PatcherOptions,
  document: unknown,
  { strictErrors: patchErrors, isStrict, show, reread, kept }: Restoring,
): Patched {
  let normal: Decoded;
  try {
    normal = options.decoder.normalize(document, {
      expected: options.expected,
      strict: isStrict,
      ...(kept === undefined ? {} : { kept }),
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const unstructured =
      options.type === 'strategic' ? conversionProblem(options.kinds.types, structOf(options), document) : undefined;
    throw invalidPatch(show(), unstructured ?? error.message);
  }
  const { object } = normal;
  keepReset(document, object);
  if (!isStrict) return { object, warnings: [] };
  // Two that are told in order are worth a second reading, all else is not.
  const found =
    normal.strictErrors.length > 1 && reread !== undefined
      ? options.decoder.normalize(reread(), { expected: options.expected, strict: true }).strictErrors
      : normal.strictErrors;
  const strictErrors = [...patchErrors, ...found];
  if (strictErrors.length > 0 && options.fieldValidation === 'Strict')
    throw invalidPatch(show(), `strict decoding error: ${strictErrors.join(', ')}`);
  return { object, warnings: strictErrors };
}

/** An empty list of managedFields, which has no place in canonical form, is a client's wish to forget who owns what. */
function keepReset(document: unknown, object: KubeObject): void {
  const { managedFields } = (document as KubeObject).metadata ?? {};
  if (Array.isArray(managedFields) && managedFields.length === 0) object.metadata.managedFields = [];
}

function structOf({ kinds, expected }: PatcherOptions): StructType {
  const struct = kinds.structOf(expected);
  if (struct === undefined) throw new RangeError(`no kind ${expected.kind} in ${expected.group}/${expected.version}`);
  return struct;
}

/** Normalising copies all that a struct describes but what is kept; what it does not describe is passed on as it is. */
const isOpen = ({ kinds, expected }: PatcherOptions): boolean => kinds.structOf(expected)?.open ?? true;

const invalidPatch = (shown: string, why: string): Error =>
  statusErrors.invalid({ group: '', kind: '' }, '', [fieldErrors.invalid(fieldPath('patch'), shown, why)]);

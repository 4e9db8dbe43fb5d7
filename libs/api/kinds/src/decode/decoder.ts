import { isUtf8 } from 'node:buffer';
import {
  apiVersionOf,
  failure,
  type GroupVersionKind,
  type KubeObject,
  StatusError,
  statusErrors,
} from '@reckon/api/machinery';
import { deepestNesting, JsonSyntaxError, parseJsonNode } from '../json/parse-node';
import { type JsonNode, nodeOf } from '../json/node';
import { scanJson } from '../json/scan';
import { type KindRegistry, packageOfGroup } from '../kind-registry';
import type { PlanRun } from '../normalize-plan';
import { decodeProtobuf } from '../protobuf/decode';
import { ProtobufError } from '../protobuf/reader';
import { unwrapUnknown } from '../protobuf/unknown';
import type { StructType } from '../table';
import { DecodeError, decodeNode } from './decode-node';
import { summarizeBody } from './summarize-body';
import { completeTypeMeta, readTypeMeta, TypeMetaError, unreadable } from './type-meta';

export interface DecodeOptions {
  /** The request's header; absent or empty means JSON. */
  readonly contentType: string | undefined;
  /** What the endpoint takes: the row's kind, or the subresource's (Scale, Eviction, Binding, TokenRequest). */
  readonly expected: GroupVersionKind;
  /** False for `fieldValidation=Ignore`: unknown and duplicate fields are dropped without a word. */
  readonly strict: boolean;
}

export interface NormalizeOptions extends Pick<DecodeOptions, 'expected' | 'strict'> {
  /** Members of the value that came out of canonical form: the result has them as they are, and not copies of them. */
  readonly kept?: ReadonlySet<unknown>;
}

export interface Decoded {
  /** In canonical form, with `kind` and `apiVersion`. */
  readonly object: KubeObject;
  readonly gvk: GroupVersionKind;
  /** `unknown field "spec.foo"`, `duplicate field "data.a"`, in the order met. */
  readonly strictErrors: readonly string[];
  /** What the endpoint takes. */
  readonly expected: GroupVersionKind;
}

export interface Decoder {
  /**
   * A request body as the object that a Go server would have read: unknown fields dropped, zero values in place, fields
   * in Go's order. JSON and protobuf give it at once, YAML later (its library loads on first use).
   * Throws StatusError 400 or 415 with upstream's message.
   */
  decode(body: Buffer, options: DecodeOptions): Decoded | Promise<Decoded>;
  /**
   * The same for a value that is parsed already: after a patch, a conversion, a default.
   * Its `kind` and `apiVersion` become the expected ones. Throws DecodeError with Go's bare text when a field has a wrong
   * type: what a client is told depends on where the value came from.
   */
  normalize(value: unknown, options: NormalizeOptions): Decoded;
  /** The body of DELETE; undefined when empty. Any apiVersion is taken, since typed clients send their group's. */
  decodeDeleteOptions(body: Buffer, contentType: string | undefined): KubeObject | undefined | Promise<KubeObject>;
}

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const scheme = 'pkg/api/legacyscheme/scheme.go:30';
const optionsScheme = 'pkg/apis/meta/internalversion/scheme/register.go:27';

/** What a body was found to be before its fields are looked at. */
interface Target {
  readonly gvk: GroupVersionKind;
  readonly struct: StructType;
}

type Resolve = (meta: { readonly apiVersion: string; readonly kind: string }) => Target;
interface Canonical {
  readonly value: unknown;
  readonly strictErrors: readonly string[];
}
interface Result extends Canonical {
  readonly target: Target;
}

export function createDecoder(registry: KindRegistry): Decoder {
  const { types, plans } = registry;

  function canonical(value: unknown, struct: StructType, kept?: ReadonlySet<unknown>): Canonical {
    const run: PlanRun = { keys: 0, doubtful: false, ...(kept === undefined ? {} : { kept }) };
    const quick = plans.ofStruct(struct)(value, run);
    return run.doubtful ? carefully(nodeOf(value), struct) : { value: quick, strictErrors: [] };
  }

  function carefully(node: JsonNode, struct: StructType): Canonical {
    const { value: read, strictErrors } = decodeNode(types, struct, node);
    const run: PlanRun = { keys: 0, doubtful: false };
    const value = plans.ofStruct(struct)(read, run);
    if (run.doubtful) throw new DecodeError(`a ${struct.goName} that was read cannot be written`);
    return { value, strictErrors };
  }

  function fromJson(body: Buffer, resolve: Resolve): Result {
    return quickly(body, resolve) ?? fromNode(parseCarefully(body), resolve);
  }

  /** undefined when anything at all is unusual: then the careful way finds out what, and says it in Go's words. */
  function quickly(body: Buffer, resolve: Resolve): Result | undefined {
    const scan = scanJson(body);
    if (!scan.isPlain || scan.depth > deepestNesting || !isUtf8(body)) return undefined;
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.toString('utf8'));
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const { apiVersion = '', kind = '' } = parsed as { apiVersion?: unknown; kind?: unknown };
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
    if (apiVersion === '' || kind === '') return undefined;
    const target = resolve({ apiVersion, kind });
    const run: PlanRun = { keys: 0, doubtful: false };
    const value = plans.ofStruct(target.struct)(parsed, run);
    return run.doubtful || run.keys !== scan.keys ? undefined : { value, target, strictErrors: [] };
  }

  function fromNode(node: JsonNode, resolve: Resolve): Result {
    const target = resolve(readTypeMeta(node));
    try {
      return { ...carefully(node, target.struct), target };
    } catch (error) {
      throw error instanceof DecodeError ? new TargetError(target, error) : error;
    }
  }

  function fromProtobuf(body: Buffer, resolve: Resolve): Result {
    const unknown = unwrapUnknown(body);
    const target = resolve(unknown);
    try {
      const { value } = canonical(decodeProtobuf(types, target.struct, unknown.raw), target.struct);
      return { value, target, strictErrors: [] };
    } catch (error) {
      throw error instanceof DecodeError || error instanceof ProtobufError ? new TargetError(target, error) : error;
    }
  }

  function fromBody(body: Buffer, contentType: string | undefined, resolve: Resolve): Result | Promise<Result> {
    switch (mediaTypeOf(contentType)) {
      case 'application/json':
        return fromJson(body, resolve);
      case 'application/vnd.kubernetes.protobuf':
        return fromProtobuf(body, resolve);
      default:
        return import('./read-yaml').then(async ({ readYaml }) => {
          const { value, duplicates } = await readYaml(body);
          const result = fromNode(nodeOf(value), resolve);
          return duplicates === undefined ? result : { ...result, strictErrors: [duplicates, ...result.strictErrors] };
        });
    }
  }

  /** Finds the type that the body claims to be; whether the endpoint takes it is asked after it was read, as upstream. */
  function resolverFor(expected: GroupVersionKind): Resolve {
    return (meta) => {
      const gvk = completeTypeMeta(meta, expected);
      if (gvk.version === '') throw new TypeMetaError("Object 'apiVersion' is missing");
      const struct = registry.structOf(gvk);
      if (struct !== undefined) return { gvk, struct };
      throw new TargetError({ gvk }, new DecodeError(notRegistered(gvk, scheme)));
    };
  }

  function finish(result: Result, options: DecodeOptions): Decoded {
    const { gvk, struct } = result.target;
    const { expected } = options;
    if (gvk.kind !== expected.kind || gvk.version !== expected.version || gvk.group !== expected.group) {
      refuseOther(gvk, struct, expected);
    }
    const object = withTypeMeta(result.value as KubeObject, gvk);
    return { object, gvk, strictErrors: options.strict ? result.strictErrors : [], expected };
  }

  function normalize(value: unknown, { expected, strict, kept }: NormalizeOptions): Decoded {
    const struct = registry.structOf(expected);
    if (struct === undefined) throw new RangeError(`no kind ${apiVersionOf(expected)} ${expected.kind}`);
    const result = canonical(value, struct, kept);
    const object = withTypeMeta(result.value as KubeObject, expected);
    return { object, gvk: expected, strictErrors: strict ? result.strictErrors : [], expected };
  }

  function refuseOther(gvk: GroupVersionKind, struct: StructType, expected: GroupVersionKind): never {
    if (internalName(gvk) === internalName(expected)) {
      throw statusErrors.badRequest(
        `the API version in the data (${apiVersionOf(gvk)}) does not match the expected API version (${apiVersionOf(expected)})`,
      );
    }
    throw new TargetError(
      { gvk },
      new DecodeError(`converting (${struct.goName}) to (${internalName(expected)}): unknown conversion`),
    );
  }

  function decode(body: Buffer, options: DecodeOptions): Decoded | Promise<Decoded> {
    const refuse = (error: unknown): never => {
      throw statusOf(error, body, options.expected.kind);
    };
    try {
      const result = fromBody(body, options.contentType, resolverFor(options.expected));
      if (!(result instanceof Promise)) return finish(result, options);
      return result.then((r) => finish(r, options)).catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  function decodeDeleteOptions(
    body: Buffer,
    contentType: string | undefined,
  ): ReturnType<Decoder['decodeDeleteOptions']> {
    if (body.length === 0) return undefined;
    const expected = { group: '', version: 'v1', kind: 'DeleteOptions' };
    const struct = types.struct('meta/v1.DeleteOptions');
    const resolve: Resolve = (meta) => {
      const gvk = completeTypeMeta(meta, expected);
      if (gvk.kind === 'DeleteOptions') return { gvk, struct };
      throw new TypeMetaError(notRegistered(gvk, optionsScheme));
    };
    const refuse = (error: unknown): never => {
      if (error instanceof TargetError) throw statusErrors.badRequest(error.cause.message, error);
      if (isBodyError(error)) throw statusErrors.badRequest(error.message, error);
      throw error;
    };
    try {
      const result = fromBody(body, contentType, resolve);
      if (!(result instanceof Promise)) return result.value as KubeObject;
      return result.then(({ value }) => value as KubeObject).catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  return { decode, normalize, decodeDeleteOptions };
}

/** Go writes `kind` and `apiVersion` first. */
function withTypeMeta(object: KubeObject, gvk: GroupVersionKind): KubeObject {
  const apiVersion = apiVersionOf(gvk);
  if (object.kind === undefined || object.apiVersion === undefined) return { kind: gvk.kind, apiVersion, ...object };
  object.kind = gvk.kind;
  object.apiVersion = apiVersion;
  return object;
}

/** A fault found once the body's kind was known. */
class TargetError extends Error {
  readonly code = 'Target';
  override readonly cause: Error;

  constructor(
    readonly target: { readonly gvk: GroupVersionKind },
    cause: Error,
  ) {
    super(cause.message, { cause });
    this.cause = cause;
    this.name = 'TargetError';
  }
}

function parseCarefully(body: Buffer): JsonNode {
  try {
    return parseJsonNode(body);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw unreadable(error.message);
    throw error;
  }
}

const isBodyError = (error: unknown): error is Error =>
  error instanceof TypeMetaError || error instanceof ProtobufError || error instanceof DecodeError;

/** handlers.transformDecodeError: with a kind the kind is named, without one the body is shown. */
function statusOf(error: unknown, body: Buffer, expectedKind: string): unknown {
  if (error instanceof TargetError) {
    const { kind, version } = error.target.gvk;
    const message = `${kind} in version "${version}" cannot be handled as a ${expectedKind}: ${error.message}`;
    return statusErrors.badRequest(message, error.cause);
  }
  if (!isBodyError(error)) return error;
  return statusErrors.badRequest(
    `the object provided is unrecognized (must be of type ${expectedKind}): ${error.message} (${summarizeBody(body)})`,
    error,
  );
}

function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined || contentType === '') return 'application/json';
  const end = contentType.indexOf(';');
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaTypes.includes(type)) return type;
  throw new StatusError(
    failure({
      reason: 'UnsupportedMediaType',
      message: `the body of the request was in an unknown format - accepted media types include: ${mediaTypes.join(', ')}`,
    }),
  );
}

const notRegistered = (gvk: GroupVersionKind, schemeName: string): string =>
  `no kind "${gvk.kind}" is registered for version "${apiVersionOf(gvk)}" in scheme "${schemeName}"`;

/** The type that all versions of a kind convert to: events of both groups are `core.Event`. */
function internalName(gvk: GroupVersionKind): string {
  const pkg = packageOfGroup(gvk.group);
  return `${pkg === 'events' ? 'core' : pkg}.${gvk.kind}`;
}

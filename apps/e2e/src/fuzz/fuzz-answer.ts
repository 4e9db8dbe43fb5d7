import { decodeProtobuf, type KindRegistry, unwrapUnknown } from '@reckon/api/kinds';
import { parse } from 'yaml';

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

interface StatusLike {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly message?: string; readonly reason?: string }[];
  };
}

/** Reasons of a refusal by its code (k8s.io/apimachinery/pkg/apis/meta/v1 `StatusReason`). */
const reasons: Readonly<Record<number, readonly string[]>> = {
  400: ['BadRequest'],
  403: ['Forbidden'],
  404: ['NotFound'],
  405: ['MethodNotAllowed'],
  406: ['NotAcceptable'],
  409: ['AlreadyExists', 'Conflict'],
  413: ['RequestEntityTooLarge'],
  415: ['UnsupportedMediaType'],
  422: ['Invalid'],
  429: ['TooManyRequests'],
};

/** What upstream itself answers with 500 although the client is at fault: errors that it passes on as they are. */
const upstreamsFailures: readonly RegExp[] = [
  // managedfields `structuredMergeManager.Apply`, with what structured-merge-diff says.
  /^failed to (create typed patch object|convert new typed object) \(/,
  /^failed to convert new object: cannot convert /,
  // An apply over an object with an item of a list that has none of the keys which tell its items apart.
  /^failed to create (?:manager for existing fields|typed live object)\b.*omits all key fields/s,
  // The default of `interpretStrategicMergePatchError`, with what strategicpatch says.
  /^expected a \S.*, but received a /s,
  /^unknown patch type: /,
  /^map: .* does not contain declared merge key: /s,
  /^merging lists cannot yet be specified in the patch$/,
  /^no elements in any of the given slices$/,
  /^unable to find api field in struct /,
  /^The order in patch list:\n/,
  /^list element types are not identical: /,
  // storage `APIObjectVersioner.ObjectResourceVersion`.
  /^strconv\.ParseUint: parsing /,
];

/** What JavaScript says of a mistake in a program, never of a client's. */
const leaks =
  /\n\s+at |(?<!must be true or )\bundefined\b|\[object |(?<!unsupported value: )\bNaN\b|Cannot read|is not a function|is not iterable|Invalid array length|call stack|unexpected failure/;

/** What is wrong with an answer; undefined when it is a right one: an object, or a whole Status that says why not. */
export function faultOf(kinds: KindRegistry, answer: FuzzAnswer): string | undefined {
  const read = readAnswer(kinds, answer);
  if (typeof read === 'string') return read;
  if (answer.status < 300)
    return typeof read.kind === 'string' && read.kind !== '' ? undefined : 'an object without a kind';
  if (read.kind !== 'Status' || read.apiVersion !== 'v1' || read.status !== 'Failure') return 'no Status';
  if (read.code !== answer.status) return `code ${String(read.code)} with HTTP ${String(answer.status)}`;
  const message = typeof read.message === 'string' ? read.message : '';
  if (message === '') return 'no message';
  if (answer.status >= 500)
    return upstreamsFailures.some((known) => known.test(message)) ? undefined : `a failure of the server: ${message}`;
  if (leaks.test(message)) return `a message from inside: ${message}`;
  if (reasons[answer.status]?.includes(String(read.reason)) !== true)
    return `reason ${String(read.reason)}: ${message}`;
  if (answer.status === 422) return faultOfCauses(read, message);
  return undefined;
}

/** Every cause of an invalid object says where and why. */
function faultOfCauses({ details }: StatusLike, message: string): string | undefined {
  for (const cause of details?.causes ?? [])
    if ([cause.reason, cause.message, cause.field].some((part) => typeof part !== 'string' || part === ''))
      return `a cause without ${JSON.stringify(cause)}: ${message}`;
  return undefined;
}

function readAnswer(kinds: KindRegistry, { contentType, body }: FuzzAnswer): StatusLike | string {
  try {
    if (contentType.startsWith('application/json')) return JSON.parse(body.toString('utf8')) as StatusLike;
    if (contentType.startsWith('application/yaml')) return parse(body.toString('utf8')) as StatusLike;
    if (!contentType.startsWith('application/vnd.kubernetes.protobuf')) return `content type ${contentType}`;
    const { apiVersion, kind, raw } = unwrapUnknown(body);
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const struct = kinds.structOf({ group, version, kind });
    return struct === undefined ? `kind ${kind}` : { ...decodeProtobuf(kinds.types, struct, raw), apiVersion, kind };
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}

import { aggregateMessage } from './aggregate-message';
import type { FieldError } from './field-error';
import { goQuote } from './go-quote';
import { type GroupResource, groupResourceName } from './object';

/** `metav1.Status` as a client receives it (k8s.io/apimachinery/pkg/apis/meta/v1.Status). */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, unknown>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** Reason → HTTP code: k8s.io/apimachinery/pkg/apis/meta/v1 `StatusReason…` and pkg/api/errors constructors. */
export const statusCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Gone: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  StorageReadError: 500,
  InternalError: 500,
  ServiceUnavailable: 503,
  ServerTimeout: 500,
  Timeout: 504,
  NotImplemented: 501,
} as const;

export type StatusReason = keyof typeof statusCodes;

/** Any refusal that a client sees. `code` is stable and equals the Status's reason (`''` when upstream gives none). */
export class StatusError extends Error {
  readonly code: StatusReason | '';
  readonly status: Status;
  /** Extra response headers, e.g. `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, options: { cause?: unknown; headers?: Record<string, string> } = {}) {
    super(status.message ?? status.reason ?? '', options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StatusError';
    this.code = status.reason ?? '';
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

export interface FailureParts {
  readonly reason?: StatusReason;
  readonly code?: number;
  readonly message: string;
  readonly details?: StatusDetails;
}

/** A failure Status; `code` defaults to that of the reason, else 500. */
export function failure(parts: FailureParts): Status {
  const code = parts.code ?? (parts.reason === undefined ? 500 : statusCodes[parts.reason]);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: parts.message,
    ...(parts.reason === undefined ? {} : { reason: parts.reason }),
    ...(parts.details === undefined ? {} : { details: parts.details }),
    code,
  };
}

const named = (gr: GroupResource, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(gr.group === '' ? {} : { group: gr.group }),
  ...(gr.resource === '' ? {} : { kind: gr.resource }),
});

/** Zero is not told, as Go has it. */
const after = (retryAfterSeconds: number): StatusDetails => (retryAfterSeconds === 0 ? {} : { retryAfterSeconds });

/** errors.NewGenericServerResponse without a resource. */
const genericMessages = {
  400: { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' },
  401: { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  405: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  409: { reason: 'Conflict', message: 'the server reported a conflict' },
  422: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
  429: {
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: {
    reason: 'Timeout',
    message: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  },
} as const satisfies Record<number, { readonly reason: StatusReason; readonly message: string }>;

/** The constructors of k8s.io/apimachinery/pkg/api/errors, same message forms. */
export const statusErrors = {
  notFound: (gr: GroupResource, name: string): StatusError =>
    new StatusError(
      failure({
        reason: 'NotFound',
        message: `${groupResourceName(gr)} ${goQuote(name)} not found`,
        details: named(gr, name),
      }),
    ),
  alreadyExists: (gr: GroupResource, name: string): StatusError =>
    new StatusError(
      failure({
        reason: 'AlreadyExists',
        message: `${groupResourceName(gr)} ${goQuote(name)} already exists`,
        details: named(gr, name),
      }),
    ),
  conflict: (gr: GroupResource, name: string, why: string): StatusError =>
    new StatusError(
      failure({
        reason: 'Conflict',
        message: `Operation cannot be fulfilled on ${groupResourceName(gr)} ${goQuote(name)}: ${why}`,
        details: named(gr, name),
      }),
    ),
  /** `message` is what follows `<resource> "<name>" is forbidden: `. */
  forbidden: (gr: GroupResource, name: string, why: string): StatusError =>
    new StatusError(
      failure({
        reason: 'Forbidden',
        message:
          gr.resource === ''
            ? `forbidden: ${why}`
            : name === ''
              ? `${groupResourceName(gr)} is forbidden: ${why}`
              : `${groupResourceName(gr)} ${goQuote(name)} is forbidden: ${why}`,
        details: named(gr, name),
      }),
    ),
  /** 422 with one cause per field error; `kind` is the Kind (not the resource), as `NewInvalid` does. */
  invalid: (groupKind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): StatusError => {
    const joined = errors.length === 0 ? '' : `: ${aggregateMessage(errors.map(String))}`;
    const gk = groupKind.group === '' ? groupKind.kind : `${groupKind.kind}.${groupKind.group}`;
    return new StatusError(
      failure({
        reason: 'Invalid',
        message: `${gk} ${goQuote(name)} is invalid${joined}`,
        details: {
          ...(name === '' ? {} : { name }),
          ...(groupKind.group === '' ? {} : { group: groupKind.group }),
          ...(groupKind.kind === '' ? {} : { kind: groupKind.kind }),
          ...(errors.length === 0
            ? {}
            : { causes: errors.map((e) => ({ reason: e.type, message: e.body(), field: e.field })) }),
        },
      }),
    );
  },
  badRequest: (message: string, cause?: unknown): StatusError =>
    new StatusError(failure({ reason: 'BadRequest', message }), { cause }),
  unauthorized: (message = 'Unauthorized'): StatusError =>
    new StatusError(failure({ reason: 'Unauthorized', message })),
  methodNotSupported: (gr: GroupResource, action: string): StatusError =>
    new StatusError(
      failure({
        reason: 'MethodNotAllowed',
        message: `${action} is not supported on resources of kind "${groupResourceName(gr)}"`,
        details: named(gr, ''),
      }),
    ),
  expired: (message: string): StatusError => new StatusError(failure({ reason: 'Expired', message })),
  gone: (message: string): StatusError => new StatusError(failure({ reason: 'Gone', message })),
  tooLarge: (message: string): StatusError => new StatusError(failure({ reason: 'RequestEntityTooLarge', message })),
  unsupportedMediaType: (message: string): StatusError =>
    new StatusError(failure({ reason: 'UnsupportedMediaType', message })),
  notAcceptable: (message: string): StatusError => new StatusError(failure({ reason: 'NotAcceptable', message })),
  internal: (message: string, cause?: unknown): StatusError =>
    new StatusError(
      failure({
        reason: 'InternalError',
        message: `Internal error occurred: ${message}`,
        details: { causes: [{ message }] },
      }),
      { cause },
    ),
  serviceUnavailable: (message: string): StatusError =>
    new StatusError(failure({ reason: 'ServiceUnavailable', message })),
  timeout: (message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): StatusError =>
    new StatusError(
      failure({
        reason: 'Timeout',
        message: `Timeout: ${message}`,
        details: { ...(causes === undefined ? {} : { causes }), ...after(retryAfterSeconds) },
      }),
    ),
  tooManyRequests: (message: string, retryAfterSeconds: number): StatusError =>
    new StatusError(
      failure({ reason: 'TooManyRequests', message, details: { ...after(retryAfterSeconds) } }),
      retryAfterSeconds === 0 ? {} : { headers: { 'Retry-After': String(retryAfterSeconds) } },
    ),
  /** The server could not do it now; `operation` stands where a name would, as upstream. */
  serverTimeout: (gr: GroupResource, operation: string, retryAfterSeconds: number): StatusError =>
    new StatusError(
      failure({
        reason: 'ServerTimeout',
        message: `The ${operation} operation against ${groupResourceName(gr)} could not be completed at this time, please try again.`,
        details: { ...named(gr, operation), ...after(retryAfterSeconds) },
      }),
    ),
  /** 409 with `retryAfterSeconds`: every generated name was taken. */
  generateNameConflict: (gr: GroupResource, name: string, retryAfterSeconds: number): StatusError =>
    new StatusError(
      failure({
        reason: 'AlreadyExists',
        message: `${groupResourceName(gr)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`,
        details: { ...named(gr, name), retryAfterSeconds },
      }),
    ),
  /** Server-side apply met fields of other managers; one cause per field. */
  applyConflict: (message: string, causes: readonly StatusCause[]): StatusError =>
    new StatusError(failure({ reason: 'Conflict', message, details: { causes } })),
  /** A read from the future (k8s.io/apiserver/pkg/storage.NewTooLargeResourceVersionError). */
  tooLargeResourceVersion: (wanted: string, current: string): StatusError =>
    statusErrors.timeout(`Too large resource version: ${wanted}, current: ${current}`, 1, [
      { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
    ]),
  /** What is said where no handler speaks: unknown paths, methods, a failed JSON patch test. */
  generic: (code: keyof typeof genericMessages): StatusError => {
    const { reason, message } = genericMessages[code];
    return new StatusError(failure({ reason, code, message, details: {} }));
  },
};

/** True for JSON that is a `metav1.Status` (an ERROR event's object, an error body). */
export function isStatus(value: unknown): value is Status {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status' && 'code' in value
  );
}

/** The reason of an error that came from the API, undefined for anything else. */
export function reasonOf(error: unknown): StatusReason | '' | undefined {
  return error instanceof StatusError ? error.code : undefined;
}

import { StatusError, failure, parseTime, statusErrors } from '@reckon/api/machinery';

/** `PodLogOptions` as they come in a query. */
export interface LogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Only lines from then on. */
  readonly fromMs?: number;
}

/** Throws a 400 or 422 Status for values that are none. */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const sinceSeconds = whole(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime !== null)
    throw statusErrors.badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const fromMs =
    sinceTime !== null ? timeOf(sinceTime) : sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1000;
  const tailLines = whole(query, 'tailLines', 0);
  const limitBytes = whole(query, 'limitBytes', 1);
  return {
    follow: isTrue(query, 'follow'),
    previous: isTrue(query, 'previous'),
    timestamps: isTrue(query, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(fromMs === undefined ? {} : { fromMs }),
  };
}

function timeOf(text: string): number {
  try {
    return parseTime(text);
  } catch (cause) {
    throw new StatusError(
      failure({ reason: 'BadRequest', message: `sinceTime: ${JSON.stringify(text)} is no RFC 3339 time` }),
      { cause },
    );
  }
}

/** Whatever is there means true, but for two words (apimachinery/pkg/runtime `Convert_Slice_string_To_bool`): Python says `True`. */
const isTrue = (query: URLSearchParams, name: string): boolean =>
  !['0', 'false'].includes((query.get(name) ?? 'false').toLowerCase());

function whole(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const n = Number(text);
  if (/^-?\d+$/.test(text) && n >= least) return n;
  throw new StatusError(
    failure({ reason: 'BadRequest', message: `${name}: must be a whole number of at least ${String(least)}` }),
  );
}

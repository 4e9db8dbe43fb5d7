import { nameIsPathSegment, parseFieldSelector, SelectorError } from '@reckon/api/machinery';

/**
 * What a request is about, read from its method, path and query alone.
 * Rules as k8s.io/apiserver/pkg/endpoints/request `RequestInfoFactory.NewRequestInfo`.
 */
export interface RequestInfo {
  readonly isResource: boolean;
  /** Decoded, without the query and without an `/at/…` prefix. */
  readonly path: string;
  /** What follows `?`, still encoded; '' if nothing does. */
  readonly query: string;
  /** create, get, list, watch, update, patch, delete, deletecollection, proxy; the lower-case method for other paths. */
  readonly verb: string;
  /** `api` or `apis`; '' for other paths. */
  readonly prefix: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** The path puts the resource into a namespace: `/namespaces/x/pods`, but not `/namespaces/x` itself. */
  readonly isInNamespace: boolean;
  readonly resource: string;
  readonly subresource: string;
  /** As authorization sees it: for list and watch the name that a field selector demands. */
  readonly name: string;
  /** The name in the path; '' for a collection. */
  readonly pathName: string;
  /** Segments from the resource on: `[resource, name, subresource, …]`. */
  readonly parts: readonly string[];
  /** True for `/api/v1/watch/…`. */
  readonly legacyWatch: boolean;
  /** True for `/history…`: not the objects that the rest of the path names, but what happened to them. */
  readonly isHistory: boolean;
}

const verbOfMethod: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const none: readonly string[] = [];

/** `pathAndQuery` is what the request line has, from its first `/` on. Never throws: an odd escape is kept as it is. */
export function requestInfoOf(method: string, pathAndQuery: string): RequestInfo {
  const mark = pathAndQuery.indexOf('?');
  const rawPath = mark === -1 ? pathAndQuery : pathAndQuery.slice(0, mark);
  const query = mark === -1 ? '' : pathAndQuery.slice(mark + 1);
  const segments = segmentsOf(rawPath);
  const encoded = rawPath.includes('%');
  const parts = encoded ? segments.map(decodeSegment) : segments;
  const path = encoded ? rawPath.split('/').map(decodeSegment).join('/') : rawPath;

  const prefix = parts[0] ?? '';
  const groupless = prefix === 'api';
  if (!(groupless ? parts.length >= 3 : prefix === 'apis' && parts.length >= 4))
    return prefix === 'history' ? historyInfo(method, rawPath, query) : nonResource(method, path, query);

  let at = groupless ? 1 : 2;
  const group = groupless ? '' : (parts[1] ?? '');
  const version = parts[at++] ?? '';
  let verb = verbOfMethod[method] ?? '';
  let legacyWatch = false;
  if (parts[at] === 'watch' || parts[at] === 'proxy') {
    verb = parts[at] ?? '';
    legacyWatch = verb === 'watch';
    at++;
    if (at >= parts.length) return nonResource(method, path, query);
  }

  let namespace = '';
  let isInNamespace = false;
  let rest = parts.slice(at);
  if (rest[0] === 'namespaces') {
    if (rest.length > 1) {
      namespace = rest[1] ?? '';
      // `/namespaces/x/status` is a subresource of the namespace; anything else after the name is a resource in it.
      isInNamespace = rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
      if (isInNamespace) rest = rest.slice(2);
    }
  }
  const resource = rest[0] ?? '';
  const pathName = rest[1] ?? '';
  const subresource = verb === 'proxy' ? '' : (rest[2] ?? '');

  let name = pathName;
  if (pathName === '') {
    if (verb === 'get') verb = query !== '' && asksForWatch(query) ? 'watch' : 'list';
    if ((verb === 'list' || verb === 'watch') && query.includes('fieldSelector')) name = nameFromFieldSelector(query);
    if (verb === 'delete') verb = 'deletecollection';
  }
  return {
    isResource: true,
    path,
    query,
    verb,
    prefix,
    group,
    version,
    namespace,
    isInNamespace,
    resource,
    subresource,
    name,
    pathName,
    parts: rest,
    legacyWatch,
    isHistory: false,
  };
}

function nonResource(method: string, path: string, query: string): RequestInfo {
  return {
    isResource: false,
    path,
    query,
    verb: method.toLowerCase(),
    prefix: '',
    group: '',
    version: '',
    namespace: '',
    isInNamespace: false,
    resource: '',
    subresource: '',
    name: '',
    pathName: '',
    parts: none,
    legacyWatch: false,
    isHistory: false,
  };
}

/**
 * `/history/<path of a resource>` is guarded as that path: by list of a collection, get of an object, watch of either when it
 * follows. `/history` is list (or watch) of everything. The query has its own meaning: above all no field selector, which would
 * make a list of everything look like one of a single object.
 */
function historyInfo(method: string, rawPath: string, query: string): RequestInfo {
  const follows = method === 'GET' && query.includes('follow') && flagOf(query, 'follow');
  const rest = rawPath.replace(/^\/*[^/]+/, '');
  if (/^\/+apis?\//.test(rest)) {
    const inner = requestInfoOf(method, rest);
    const path = `/history${inner.path}`;
    if (!inner.isResource) return nonResource(method, path, query);
    return { ...inner, path, query, verb: follows ? 'watch' : inner.verb, isHistory: true };
  }
  if (!/^\/*$/.test(rest)) return nonResource(method, rawPath, query);
  const verb = method === 'GET' ? (follows ? 'watch' : 'list') : (verbOfMethod[method] ?? '');
  const everything = { group: '*', version: '*', resource: '*' };
  return { ...nonResource(method, '/history', query), ...everything, isResource: true, verb, isHistory: true };
}

/** Slashes at either end do not count; one too many between two segments is an empty segment, as upstream's `splitPath` has it. */
function segmentsOf(path: string): string[] {
  let from = 0;
  let to = path.length;
  while (path[from] === '/') from++;
  while (to > from && path[to - 1] === '/') to--;
  return from === to ? [] : path.slice(from, to).split('/');
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // `%zz`: not an escape; the name is looked up as it was written, and not found.
    return segment;
  }
}

function asksForWatch(query: string): boolean {
  return query.includes('watch') && flagOf(query, 'watch');
}

/** Anything but `0` and `false` is true, as k8s.io/apimachinery/pkg/runtime `Convert_Slice_string_To_bool` has it. */
function flagOf(query: string, name: string): boolean {
  const value = new URLSearchParams(query).get(name);
  return value !== null && !['0', 'false'].includes(value.toLowerCase());
}

/** The name that the selector demands; one that no path segment could hold does not count, nor does a selector that cannot be read. */
function nameFromFieldSelector(query: string): string {
  try {
    const selector = parseFieldSelector(new URLSearchParams(query).get('fieldSelector') ?? '');
    const name = selector.exactValue('metadata.name') ?? '';
    return nameIsPathSegment(name, 'name').length === 0 ? name : '';
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

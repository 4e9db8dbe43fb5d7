import { StatusError, failure, statusErrors } from '@reckon/api/machinery';
import type { ListPage, ListRequest, Revision } from '@reckon/store/contract';
import { type TokenScope, decodeContinueToken, encodeContinueToken } from './continue-token';
import { decorated } from './decorate';
import type { ListQuery, ListResult } from './resource-store';
import { requestedRevision, resourceVersionProblem } from './resource-version-text';
import { type Selection, compileSelection } from './selection';
import { storageToStatus } from './storage-to-status';
import type { StoreParts } from './store-parts';

/** Upstream's tokens live until etcd is compacted, every five minutes. */
const tokenLifetimeMs = 5 * 60 * 1000;

type Consistency = ListRequest['consistency'];

interface Start {
  readonly consistency: Consistency;
  readonly startAfter?: string;
}

/** LIST. Synchronous when nothing has to be waited for. Throws or rejects with StatusError. */
export function list(parts: StoreParts, query: ListQuery): Promise<ListResult> | ListResult {
  const selection = compileSelection(parts, parts.selectable, query);
  const scope: TokenScope = {
    resource: parts.storageResource,
    namespace: selection.namespace,
    namespaced: parts.row.namespaced,
  };
  const start = startOf(parts, scope, query, selection.name !== undefined);
  const request: ListRequest = {
    resource: parts.storageResource,
    namespace: selection.namespace,
    ...(selection.name === undefined ? {} : { name: selection.name }),
    ...(selection.match === undefined ? {} : { match: selection.match }),
    // The watch cache, which answers these upstream, knows no pages.
    limit: query.resourceVersion === '0' && query.resourceVersionMatch !== 'Exact' ? 0 : Math.max(0, query.limit),
    ...start,
  };
  try {
    const page = parts.storage.list(request);
    return page instanceof Promise
      ? page.then(
          (p) => toResult(parts, scope, selection, p),
          (error: unknown) => {
            throw storageToStatus(error, parts.resource, '');
          },
        )
      : toResult(parts, scope, selection, page);
  } catch (error) {
    throw storageToStatus(error, parts.resource, '');
  }
}

/**
 * Which state the list shows (the tables of "Resource Versions" in the API concepts; apiserver/pkg/storage/etcd3 `resolveGetListRev`):
 *
 * | resourceVersion | match '' | NotOlderThan | Exact |
 * |---|---|---|---|
 * | ''  | current | – | – |
 * | 0   | any     | any | – |
 * | N   | not older, with a limit exactly N | not older | exactly N |
 *
 * A continue token fixes the revision of the first page. The dashes are refused when the options are parsed. A list of one object, by
 * its name, has no pages: a token is not looked at then, and a limit asks for no certain state.
 */
function startOf(parts: StoreParts, scope: TokenScope, query: ListQuery, isSingle: boolean): Start {
  const { resourceVersion: text, resourceVersionMatch: match } = query;
  if (query.continueToken !== '' && !isSingle) {
    if (text !== '' && text !== '0')
      throw statusErrors.badRequest('specifying resource version is not allowed when using continue');
    return continued(parts, scope, query.continueToken);
  }
  const problem = text === '' ? undefined : resourceVersionProblem(text);
  if (problem !== undefined)
    throw statusErrors.badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${problem}`,
    );
  const revision = requestedRevision(text);
  if (query.at !== undefined) return { consistency: inThePast(query.at, revision, match) };
  if (text === '') return { consistency: { kind: 'current' } };
  if (revision === 0) return { consistency: { kind: 'any' } };
  const isExact = match === 'Exact' || (match === '' && query.limit > 0 && !isSingle);
  return { consistency: { kind: isExact ? 'exact' : 'at-least', revision } };
}

/** Under `/at/R/`: R is the newest revision there is; older ones can still be asked for exactly. */
function inThePast(at: Revision, revision: Revision, match: ListQuery['resourceVersionMatch']): Consistency {
  if (revision > at) {
    throw statusErrors.timeout(`Too large resource version: ${String(revision)}, current: ${String(at)}`, 1, [
      { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
    ]);
  }
  return { kind: 'exact', revision: match === 'Exact' ? revision : at };
}

function continued(parts: StoreParts, scope: TokenScope, text: string): Start {
  const token = decodeContinueToken(scope, text);
  const { startAfter } = token;
  if (token.revision < 0) return { consistency: { kind: 'current' }, startAfter };
  if (parts.storage.now() - token.issuedAtMs > tokenLifetimeMs) throw expiredToken(parts, scope, startAfter);
  return { consistency: { kind: 'exact', revision: token.revision as Revision }, startAfter };
}

/** apiserver/pkg/storage/etcd3 `handleCompactedErrorForPaging`: the 410 offers a token that goes on in the current state. */
function expiredToken(parts: StoreParts, scope: TokenScope, startAfter: string): StatusError {
  const token = encodeContinueToken(scope, { revision: -1, startAfter, issuedAtMs: parts.storage.now() });
  const status = failure({ reason: 'Expired', message: expiredTokenText });
  return new StatusError({ ...status, metadata: { continue: token } });
}

const expiredTokenText =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the ' +
  'continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the ' +
  'provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first ' +
  'chunk was returned and now may show up in the list.';

function toResult(parts: StoreParts, scope: TokenScope, selection: Selection, page: ListPage): ListResult {
  const shown: ListPage =
    parts.strategy.decorate === undefined ? page : { ...page, items: page.items.map((item) => decorated(parts, item)) };
  if (page.next === undefined) return { page: shown, continueToken: '' };
  const continueToken = encodeContinueToken(scope, {
    revision: page.revision,
    startAfter: page.next.lastKey,
    issuedAtMs: parts.storage.now(),
  });
  const { remaining } = page.next;
  return selection.isSelective || remaining === undefined
    ? { page: shown, continueToken }
    : { page: shown, continueToken, remainingItemCount: remaining };
}

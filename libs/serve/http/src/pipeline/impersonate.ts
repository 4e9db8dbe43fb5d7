import { goQuote, goStringList, statusErrors } from '@reckon/api/machinery';
import { headerText } from '@reckon/serve/authn';
import type { Exchange } from '../exchange';
import type { HttpRequest } from '../http-message';
import { type WantedUser, impersonatedUser } from './impersonation-modes';

const extraPrefix = 'impersonate-extra-';

/**
 * `Impersonate-User`, `-Group`, `-Uid`, `-Extra-…`: the request goes on as that user if whoever sent it may be it
 * (k8s.io/apiserver/pkg/endpoints/filters/impersonation `WithConstrainedImpersonation`).
 */
export function impersonate(exchange: Exchange): void | Promise<void> {
  const { headers } = exchange.request;
  // The usual request has none of these: no header is walked for it.
  if (headers['impersonate-user'] === undefined && !anyImpersonation(headers)) return;
  const wanted = wantedOf(exchange.request);
  if (wanted.name !== '') return become(exchange, wanted);
  if (wanted.groups.length > 0 || wanted.uid !== '' || wanted.hasExtra)
    throw statusErrors.badRequest(`requested ${goText(wanted)} without impersonating a user name`);
}

function anyImpersonation(headers: HttpRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

async function become(exchange: Exchange, wanted: WantedUser): Promise<void> {
  const sinceMs = exchange.server.monotonic.elapsedMs();
  exchange.user = await impersonatedUser(exchange, wanted);
  exchange.waited('impersonation', sinceMs);
}

interface WantedHeaders extends WantedUser {
  readonly hasExtra: boolean;
}

/** From the raw headers: node joins repeated ones with commas, and a group's name may hold one. */
function wantedOf(request: HttpRequest): WantedHeaders {
  let name: string | undefined;
  let uid: string | undefined;
  let hasExtra = false;
  const groups: string[] = [];
  const extra = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const header = (request.rawHeaders[i] ?? '').toLowerCase();
    const value = headerText(request.rawHeaders[i + 1] ?? '');
    // Of several the first counts, even if it says nothing.
    if (header === 'impersonate-user') name ??= value;
    else if (header === 'impersonate-uid') uid ??= value;
    else if (header === 'impersonate-group') groups.push(value);
    else if (header.startsWith(extraPrefix)) {
      hasExtra = true;
      (extra[unescaped(header.slice(extraPrefix.length))] ??= []).push(value);
    }
  }
  return { name: name ?? '', uid: uid ?? '', groups, extra, hasExtra };
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // A malformed escape stays as it came.
    return key;
  }
}

/** The wanted user as Go prints it, which the message shows. */
function goText({ name, uid, groups, extra }: WantedUser): string {
  const keys = Object.keys(extra).sort();
  const groupsText = groups.length === 0 ? '[]string(nil)' : goStringList(groups);
  const extraText =
    keys.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${keys.map((k) => `${goQuote(k)}:${goStringList(extra[k] ?? [])}`).join(', ')}}`;
  return `&user.DefaultInfo{Name:${goQuote(name)}, UID:${goQuote(uid)}, Groups:${groupsText}, Extra:${extraText}}`;
}

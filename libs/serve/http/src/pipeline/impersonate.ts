import { statusErrors } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';
import type { AuthzAttributes } from '@reckon/serve/authz';
import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../exchange';
import { forbidden } from './forbidden';

const extraPrefix = 'impersonate-extra-';
const serviceAccountPrefix = 'system:serviceaccount:';

interface Wanted {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * `Impersonate-User`, `-Group`, `-Uid`, `-Extra-…`: each of them must be allowed by the verb `impersonate`; then the request goes
 * on as that user (k8s.io/apiserver/pkg/endpoints/filters/impersonation `WithImpersonation`).
 */
export function impersonate(exchange: Exchange): void | Promise<void> {
  const { headers } = exchange.request;
  // The usual request has none of these: no header is walked for it.
  if (headers['impersonate-user'] === undefined && !anyImpersonation(headers)) return;
  return become(exchange, wantedOf(exchange.request));
}

function anyImpersonation(headers: IncomingMessage['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

async function become(exchange: Exchange, wanted: Wanted): Promise<void> {
  if (wanted.user === '') {
    if (wanted.groups.length === 0 && wanted.uid === '' && Object.keys(wanted.extra).length === 0) return;
    throw statusErrors.badRequest(`requested ${goText(wanted)} without impersonating a user name`);
  }
  const account = serviceAccountOf(wanted.user);
  const base = { user: exchange.user, verb: 'impersonate', isResource: true, version: '', path: '' } as const;
  const core = { ...base, group: '', subresource: '' } as const;
  const other = { ...base, group: 'authentication.k8s.io', version: 'v1', namespace: '' } as const;
  const asked: AuthzAttributes[] = [
    account === undefined
      ? { ...core, resource: 'users', namespace: '', name: wanted.user }
      : { ...core, resource: 'serviceaccounts', ...account },
    ...wanted.groups.map((name) => ({ ...core, resource: 'groups', namespace: '', name })),
    ...Object.entries(wanted.extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ ...other, resource: 'userextras', subresource, name })),
    ),
    ...(wanted.uid === '' ? [] : [{ ...other, resource: 'uids', subresource: '', name: wanted.uid }]),
  ];
  for (const attributes of asked) {
    const decision = await exchange.server.authorize(attributes);
    if (!decision.allowed) throw forbidden(attributes, decision.reason);
  }
  exchange.user = userOf(wanted, account);
}

function userOf(wanted: Wanted, account: { readonly namespace: string } | undefined): UserInfo {
  const groups = [...wanted.groups];
  if (groups.length === 0 && account !== undefined)
    groups.push('system:serviceaccounts', `system:serviceaccounts:${account.namespace}`);
  if (wanted.user === 'system:anonymous') {
    if (!groups.includes('system:unauthenticated')) groups.push('system:unauthenticated');
  } else if (!groups.includes('system:authenticated') && !groups.includes('system:unauthenticated')) {
    groups.push('system:authenticated');
  }
  return { name: wanted.user, ...(wanted.uid === '' ? {} : { uid: wanted.uid }), groups, extra: wanted.extra };
}

/** From the raw headers: node joins repeated ones with commas, and a group's name may hold one. */
function wantedOf(request: IncomingMessage): Wanted {
  let user = '';
  let uid = '';
  const groups: string[] = [];
  const extra = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase();
    const value = request.rawHeaders[i + 1] ?? '';
    if (name === 'impersonate-user') user ||= value;
    else if (name === 'impersonate-uid') uid ||= value;
    else if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith(extraPrefix)) (extra[unescaped(name.slice(extraPrefix.length))] ??= []).push(value);
  }
  return { user, uid, groups, extra };
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // A malformed escape stays as it came.
    return key;
  }
}

function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace, name, more] = user.slice(serviceAccountPrefix.length).split(':');
  return namespace && name && more === undefined ? { namespace, name } : undefined;
}

/** The wanted user as Go prints it, which the message shows. */
function goText(wanted: Wanted): string {
  const strings = (list: readonly string[]): string => `[]string{${list.map((s) => JSON.stringify(s)).join(', ')}}`;
  const keys = Object.keys(wanted.extra).sort();
  const groups = wanted.groups.length === 0 ? '[]string(nil)' : strings(wanted.groups);
  const extra =
    keys.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${keys.map((k) => `${JSON.stringify(k)}:${strings(wanted.extra[k] ?? [])}`).join(', ')}}`;
  return `&user.DefaultInfo{Name:${JSON.stringify(wanted.user)}, UID:${JSON.stringify(wanted.uid)}, Groups:${groups}, Extra:${extra}}`;
}

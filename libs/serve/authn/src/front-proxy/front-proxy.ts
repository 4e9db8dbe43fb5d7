import type { UserInfo } from '@reckon/registry/generic';
import type { Authenticator } from '../authenticator';
import type { ClientVerifier } from '../certificates/client-verifier';
import { commonNameOf } from '../certificates/common-name';
import { withAuthenticatedGroup } from '../groups';
import { headerText } from '../header-text';
import { TokenError } from '../token-authenticator';

/** `--requestheader-*`: names of headers in any case. */
export interface FrontProxyHeaders {
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly group: readonly string[];
  readonly extraPrefix: readonly string[];
}

export interface FrontProxyOptions {
  /** Of the proxy's own certificate: `--requestheader-client-ca-file`. */
  readonly verifier: ClientVerifier;
  /** Common names of proxies; empty: every one that the authority has signed. */
  readonly allowedNames: readonly string[];
  readonly headers: FrontProxyHeaders;
}

/**
 * A proxy that has authenticated the user says in headers who it is, and proves by its certificate that it may
 * (k8s.io/apiserver/pkg/authentication/request/headerrequest). Without that certificate the headers are nothing.
 */
export function frontProxy({ verifier, allowedNames, headers }: FrontProxyOptions): Authenticator {
  const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
  const username = lower(headers.username);
  const uid = lower(headers.uid);
  const group = lower(headers.group);
  const extraPrefix = lower(headers.extraPrefix);
  const allowed = new Set(allowedNames);

  return {
    name: 'front-proxy',
    authenticate({ peerCertificate, rawHeaders }) {
      if (peerCertificate === undefined) return undefined;
      // Before the certificate, which costs: without a name the headers are nothing, whoever sends them.
      const name = firstValue(rawHeaders, username);
      if (name === '') return undefined;
      verifier.demand(peerCertificate);
      const proxy = commonNameOf(peerCertificate);
      if (allowed.size > 0 && !allowed.has(proxy))
        throw new TokenError(`x509: subject with cn=${proxy} is not in the allowed list`);
      const id = firstValue(rawHeaders, uid);
      const extra = extraOf(rawHeaders, extraPrefix);
      const user: UserInfo = {
        name,
        ...(id === '' ? {} : { uid: id }),
        groups: allValues(rawHeaders, group),
        ...(Object.keys(extra).length === 0 ? {} : { extra }),
      };
      return { user: withAuthenticatedGroup(user) };
    },
  };
}

function* pairs(raw: readonly string[]): Iterable<readonly [name: string, value: string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [(raw[i] ?? '').toLowerCase(), headerText(raw[i + 1] ?? '')];
}

/** The first header of the list that says something; of one that was sent twice the first value counts. */
function firstValue(raw: readonly string[], names: readonly string[]): string {
  for (const wanted of names)
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? '';
      if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue;
      const value = headerText(raw[i + 1] ?? '');
      if (value !== '') return value;
      break;
    }
  return '';
}

function allValues(raw: readonly string[], names: readonly string[]): string[] {
  const values: string[] = [];
  for (const wanted of names)
    for (const [name, value] of pairs(raw)) if (name === wanted && value !== '') values.push(value);
  return values;
}

function extraOf(raw: readonly string[], prefixes: readonly string[]): Record<string, string[]> {
  const extra = Object.create(null) as Record<string, string[]>;
  // By prefix first: that is the order of the values of a key.
  for (const prefix of prefixes)
    for (const [name, value] of pairs(raw))
      if (name.startsWith(prefix)) (extra[unescaped(name.slice(prefix.length))] ??= []).push(value);
  return extra;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // A malformed escape stays as it came.
    return key;
  }
}

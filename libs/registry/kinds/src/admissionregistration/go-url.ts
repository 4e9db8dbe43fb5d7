import { goQuote } from '@reckon/api/machinery';

/** As far as validation looks at one. */
export interface GoUrl {
  /** Lower case; '' without one. */
  readonly scheme: string;
  /** `name:password` as it is given. */
  readonly user: string | undefined;
  readonly host: string;
  /** Decoded. */
  readonly fragment: string;
  readonly query: string;
}

/** The message is Go's: `parse "x": missing protocol scheme`. */
export class GoUrlError extends Error {
  readonly code = 'GoUrl';
}

/** net/url `Parse`: what it takes and what it says, which is not what WHATWG URLs are. */
export function parseGoUrl(text: string): GoUrl {
  const hash = text.indexOf('#');
  const before = hash < 0 ? text : text.slice(0, hash);
  const parts = parseReference(before, (reason) => new GoUrlError(`parse ${goQuote(before)}: ${reason}`));
  if (hash < 0) return { ...parts, fragment: '' };
  const bad = badEscape(text.slice(hash + 1));
  if (bad !== undefined) throw new GoUrlError(`parse ${goQuote(text)}: ${invalidEscape(bad)}`);
  return { ...parts, fragment: decode(text.slice(hash + 1)) };
}

type Refusal = (reason: string) => GoUrlError;

const invalidEscape = (escape: string): string => `invalid URL escape ${goQuote(escape)}`;

function parseReference(text: string, refusal: Refusal): Omit<GoUrl, 'fragment'> {
  if (hasControl(text)) throw refusal('net/url: invalid control character in URL');
  if (text === '*') return { scheme: '', user: undefined, host: '', query: '' };
  const { scheme, rest } = splitScheme(text, refusal);
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (!path.startsWith('/')) {
    // `mailto:x` has nothing but its text.
    if (scheme !== '') return { scheme, user: undefined, host: '', query };
    const segment = path.split('/', 1)[0] ?? '';
    if (segment.includes(':')) throw refusal('first path segment in URL cannot contain colon');
  }
  let authority = '';
  let remainder = path;
  if ((scheme !== '' || !path.startsWith('///')) && path.startsWith('//')) {
    const slash = path.indexOf('/', 2);
    authority = path.slice(2, slash < 0 ? undefined : slash);
    remainder = slash < 0 ? '' : path.slice(slash);
  }
  const { user, host } = parseAuthority(authority, refusal);
  const bad = badEscape(remainder);
  if (bad !== undefined) throw refusal(invalidEscape(bad));
  return { scheme, user, host, query };
}

function splitScheme(text: string, refusal: Refusal): { scheme: string; rest: string } {
  const colon = text.indexOf(':');
  if (colon === 0) throw refusal('missing protocol scheme');
  const scheme = colon < 0 ? '' : text.slice(0, colon);
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)
    ? { scheme: scheme.toLowerCase(), rest: text.slice(colon + 1) }
    : { scheme: '', rest: text };
}

function parseAuthority(authority: string, refusal: Refusal): { user: string | undefined; host: string } {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1), refusal);
  if (at < 0) return { user: undefined, host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw refusal('net/url: invalid userinfo');
  const bad = badEscape(user);
  if (bad !== undefined) throw refusal(invalidEscape(bad));
  return { user, host };
}

function parseHost(host: string, refusal: Refusal): string {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) throw refusal("missing ']' in host");
    checkPort(host.slice(end + 1), refusal);
    return host;
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon), refusal);
  const escape = /%(?!25)(?:[0-7][0-9A-Fa-f])/.exec(host)?.[0] ?? badEscape(host);
  if (escape !== undefined) throw refusal(invalidEscape(escape));
  const odd = /[ \\^`{|}]/.exec(host)?.[0];
  if (odd !== undefined) throw refusal(`invalid character ${goQuote(odd)} in host name`);
  return decode(host);
}

function checkPort(text: string, refusal: Refusal): void {
  if (text !== '' && !/^:[0-9]*$/.test(text)) throw refusal(`invalid port ${goQuote(text)} after host`);
}

/** The first escape that is none, at most three characters of it. */
function badEscape(text: string): string | undefined {
  const found = /%(?![0-9A-Fa-f]{2})/.exec(text);
  return found === null ? undefined : text.slice(found.index, found.index + 3);
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** Escapes are well formed here; bytes that are no UTF-8 become U+FFFD, as Go prints them. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

import { goQuote } from '@reckon/api/machinery';

/** A URL as far as it is judged. */
export interface GoUrl {
  readonly scheme: string;
  readonly hasUser: boolean;
  readonly query: string;
  readonly fragment: string;
}

/** A text that Go's `url.Parse` refuses, in its words. */
export class GoUrlError extends Error {
  readonly code = 'InvalidUrl';

  constructor(text: string, why: string) {
    super(`parse ${goQuote(text)}: ${why}`);
    this.name = 'GoUrlError';
  }
}

const badEscape = /%(?![0-9A-Fa-f]{2})[\s\S]{0,2}/;

/** As Go's `url.Parse` takes a text apart: laxer than WHATWG's, which adds, drops and rewrites. Throws `GoUrlError`. */
export function goUrl(text: string): GoUrl {
  const fail = (why: string): GoUrlError => new GoUrlError(text, why);
  if (/[\u0000-\u001f\u007f]/.test(text)) throw fail('net/url: invalid control character in URL');
  const hash = text.indexOf('#');
  const fragment = hash === -1 ? '' : text.slice(hash + 1);
  const whole = hash === -1 ? text : text.slice(0, hash);
  if (whole.startsWith(':')) throw fail('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(whole)?.[1] ?? '';
  const afterScheme = scheme === '' ? whole : whole.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const query = mark === -1 ? '' : afterScheme.slice(mark + 1);
  const rest = mark === -1 ? afterScheme : afterScheme.slice(0, mark);
  if (scheme === '' && /^[^/]*:/.test(rest)) throw fail('first path segment in URL cannot contain colon');
  const [, authority = '', path = rest] = /^\/\/([^/]*)([\s\S]*)$/.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const port = /:([^:\]]*)$/.exec(host);
  if (port !== null && !/^\d*$/.test(port[1] ?? '')) throw fail(`invalid port ${goQuote(port[0])} after host`);
  if (host.startsWith('[') && !host.includes(']')) throw fail("missing ']' in host");
  const bad = /[ "<>\\^`{|}]/.exec(host);
  if (bad !== null) throw fail(`invalid character ${goQuote(bad[0])} in host name`);
  const escape = badEscape.exec(`${host}${path}`) ?? badEscape.exec(fragment);
  if (escape !== null) throw fail(`invalid URL escape ${goQuote(escape[0])}`);
  return { scheme: scheme.toLowerCase(), hasUser: at !== -1, query, fragment };
}

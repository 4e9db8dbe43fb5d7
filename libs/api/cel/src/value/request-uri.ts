import { goQuote } from '@reckon/api/machinery';

/** A URL as Go's `url.Parse` takes it apart. */
export interface RequestUri {
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  /** As it goes over the wire. */
  readonly path: string;
  readonly query: string;
}

/** Go's `url.ParseRequestURI`, and `url.Parse` for the fragment, which the former takes for a part of the rest; a text says why it is none. */
export function parseRequestUri(text: string): RequestUri | string {
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text === '') return 'empty url';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const schemeMatch = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  const scheme = schemeMatch?.[1] ?? '';
  if (scheme === '' && /^[^/?#]*:/.test(text) && !text.startsWith('/')) {
    return /^[0-9+.-]/.test(text) ? 'first path segment in URL cannot contain colon' : 'invalid URI for request';
  }
  const rest = schemeMatch === null ? text : text.slice(schemeMatch[0].length);
  // `mailto:` and the like have neither host nor path.
  if (!rest.startsWith('/'))
    return scheme === ''
      ? 'invalid URI for request'
      : { scheme: scheme.toLowerCase(), host: '', path: '', query: rest.split('?').slice(1).join('?') };
  const [beforeFragment = ''] = rest.split('#', 1);
  const question = beforeFragment.indexOf('?');
  const hierarchy = question < 0 ? beforeFragment : beforeFragment.slice(0, question);
  const query = question < 0 ? '' : beforeFragment.slice(question + 1);
  let host = '';
  let path = hierarchy;
  if ((scheme !== '' || !hierarchy.startsWith('///')) && hierarchy.startsWith('//') && scheme !== '') {
    const slash = hierarchy.indexOf('/', 2);
    const authority = hierarchy.slice(2, slash < 0 ? undefined : slash);
    path = slash < 0 ? '' : hierarchy.slice(slash);
    host = authority.slice(authority.lastIndexOf('@') + 1);
    const problem = hostProblem(host);
    if (problem !== undefined) return problem;
  }
  const escape = /%(?![0-9a-fA-F]{2})(.{0,2})/s.exec(path);
  if (escape !== null) return `invalid URL escape ${goQuote(escape[0])}`;
  return { scheme: scheme.toLowerCase(), host, path: escapedPath(path), query };
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    const port = host.slice(end + 1);
    return /^(?::\d*)?$/.test(port) ? undefined : `invalid port ${goQuote(port)} after host`;
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !/^:\d*$/.test(host.slice(colon))) return `invalid port ${goQuote(host.slice(colon))} after host`;
  const bad = /[ <>"^`{|}\\]/.exec(host);
  if (bad !== null) return `invalid character ${goQuote(bad[0])} in host name`;
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(host);
  return escape === null ? undefined : `invalid URL escape ${goQuote(escape[0])}`;
}

/** Go's `URL.EscapedPath`: what is escaped stays as it was written. */
const escapedPath = (path: string): string =>
  path.replace(/[^A-Za-z0-9\-_.~!$&'()*+,/:;=@%[\]]+/gu, (part) =>
    Array.from(Buffer.from(part, 'utf8'), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

import { goQuote } from '@reckon/api/machinery';
import { callCosts } from '../evaluate/call-cost';
import type { CelCall, CelFunctionTable } from '../evaluate/cel-run';
import { CelError, CelLibraryValue, type CelValue, ValueList, ValueMap } from '../value/cel-value';
import { parseRequestUri, type RequestUri } from '../value/request-uri';

class CelUrl extends CelLibraryValue {
  readonly typeName = 'kubernetes.URL';

  constructor(
    readonly text: string,
    readonly url: RequestUri,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof CelUrl && other.text === this.text;
  }
}

function urlOf(text: string): CelUrl | CelError {
  const url = parseRequestUri(text);
  if (typeof url !== 'string') return new CelUrl(text, url);
  return new CelError(`URL parse error during conversion from string: parse ${goQuote(text)}: ${url}`);
}

const onUrl =
  (call: (url: RequestUri) => CelValue): CelCall =>
  ([url]) =>
    url instanceof CelUrl ? call(url.url) : undefined;

/** Without the port, and without the brackets of an address. */
const hostnameOf = ({ host }: RequestUri): string => /^\[(.*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');

function queryOf({ query }: RequestUri): CelValue {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    // Go leaves out what it cannot read.
    if (part === '' || part.includes(';')) continue;
    const equals = part.indexOf('=');
    const name = unescapeQuery(equals < 0 ? part : part.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  const map = new ValueMap();
  for (const [name, list] of values) map.set(name, new ValueList(list));
  return map;
}

function unescapeQuery(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const spaced = text.replaceAll('+', ' ');
  return spaced.includes('%')
    ? Buffer.from(
        spaced.replace(/%([0-9a-fA-F]{2})|([^%]+)/g, (_, hex: string | undefined, plain: string | undefined) =>
          hex === undefined
            ? Buffer.from(plain ?? '', 'utf8').toString('latin1')
            : String.fromCharCode(Number.parseInt(hex, 16)),
        ),
        'latin1',
      ).toString('utf8')
    : spaced;
}

/** apiserver/pkg/cel/library `URLs`. */
export const urlFunctions: CelFunctionTable = {
  url: { run: ([text]) => (typeof text === 'string' ? urlOf(text) : undefined), cost: callCosts.traverse },
  isURL: ([text]) => (typeof text === 'string' ? typeof parseRequestUri(text) !== 'string' : undefined),
  getScheme: onUrl(({ scheme }) => scheme),
  getHost: onUrl(({ host }) => host),
  getHostname: onUrl(hostnameOf),
  getPort: onUrl(({ host }) => /:(\d*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? ''),
  getEscapedPath: onUrl(({ path }) => path),
  getQuery: onUrl(queryOf),
};

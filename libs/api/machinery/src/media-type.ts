/** One media type of an `Accept` or `Content-Type` header; of the latter in lower case but for the values of parameters. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface MediaRange extends MediaType {
  /** As it was said: mostly 0 to 1. */
  readonly quality: number;
}

/** The object form that a client asks for: `as=Table;v=v1;g=meta.k8s.io`. */
export interface WantedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Negotiated {
  /** The offer taken, such as `application/json`. */
  readonly mediaType: string;
  readonly as: WantedKind | undefined;
  /** `watch` where `stream=watch` was asked for. */
  readonly stream: string;
  readonly isPretty: boolean;
}

export interface NegotiationRules {
  /** Which converted forms the endpoint has (`EndpointRestrictions.AllowsMediaTypeTransform`). */
  readonly allows?: (wanted: WantedKind, mediaType: string) => boolean;
  /** In which types it has the object as it is; all offers by default. */
  readonly allowsPlain?: (mediaType: string) => boolean;
}

/** Splits at `separator` outside of double quotes. */
function split(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (isQuoted && text[i] === '\\') i++;
    else if (text[i] === '"') isQuoted = !isQuoted;
    else if (text[i] === separator && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquoted(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
}

/** mime.ParseMediaType, undefined where the text is none. */
export function parseMediaType(text: string): MediaType | undefined {
  const [essence = '', ...rest] = split(text, ';');
  const [type = '', subtype = '', ...more] = essence.trim().toLowerCase().split('/');
  if (more.length > 0 || !isToken(type) || !isToken(subtype)) return undefined;
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals < 0) {
      if (parameter.trim() === '') continue;
      return undefined;
    }
    const name = parameter.slice(0, equals).trim().toLowerCase();
    if (!isToken(name) || parameters.has(name)) return undefined;
    parameters.set(name, unquoted(parameter.slice(equals + 1).trim()));
  }
  return { type, subtype, parameters };
}

const isToken = (text: string): boolean => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(text);

/**
 * goautoneg.ParseAccept: what is acceptable, best first. It takes any words in any case, knows no quotes, and leaves out what has no
 * subtype and parameters that have no value; a quality that cannot be read is 0, which is a place like any other.
 */
export function parseAccept(header: string): MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const part of header.split(',')) {
    const [essence = '', ...rest] = part.trim().split(';');
    const range = rangeOf(essence.trim(), rest);
    if (range === undefined) continue;
    // Sorted as upstream sorts, whose order of two depends on how they came.
    let at = ranges.push(range) - 1;
    for (let before = ranges[at - 1]; before !== undefined && goesBefore(range, before); before = ranges[at - 1]) {
      ranges[at] = before;
      ranges[--at] = range;
    }
  }
  return ranges;
}

function rangeOf(essence: string, rest: readonly string[]): MediaRange | undefined {
  const slash = essence.indexOf('/');
  const type = (slash < 0 ? essence : essence.slice(0, slash)).trim();
  let subtype = slash < 0 ? '' : essence.slice(slash + 1);
  if (subtype === '') {
    if (type !== '*') return undefined;
    subtype = '*';
  } else if (subtype.replace(/\/$/, '').includes('/')) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    const [name = '', value = '', ...more] = parameter.split('=');
    if (value === '' || more.join('=') !== '') continue;
    if (name.trim() === 'q') quality = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : 0;
    else parameters.set(name.trim(), value.trim());
  }
  return { type, subtype: subtype.replace(/\/$/, '').trim(), parameters, quality };
}

const goesBefore = (a: MediaRange, b: MediaRange): boolean =>
  a.quality > b.quality || (a.type !== '*' && b.type === '*') || (a.subtype !== '*' && b.subtype === '*');

/**
 * negotiation.NegotiateMediaTypeOptions: the first acceptable range, in order of preference, that an offer fills and whose
 * `as` the endpoint allows. No header takes the first offer; undefined means 406.
 */
export function negotiate(
  header: string | undefined,
  offers: readonly string[],
  rules: NegotiationRules = {},
): Negotiated | undefined {
  const first = offers[0];
  if (first === undefined) return undefined;
  if (header === undefined || header === '') return { mediaType: first, as: undefined, stream: '', isPretty: false };
  for (const range of parseAccept(header)) {
    for (const offer of offers) {
      const taken = take(range, offer, rules);
      if (taken !== undefined) return taken;
    }
  }
  return undefined;
}

function take(range: MediaRange, offer: string, rules: NegotiationRules): Negotiated | undefined {
  const [type, subtype] = offer.split('/');
  const fits =
    (range.type === type && (range.subtype === subtype || range.subtype === '*')) ||
    (range.type === '*' && range.subtype === '*');
  if (!fits) return undefined;
  const { parameters } = range;
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && stream !== 'watch') return undefined;
  const isConverted = parameters.has('as') || parameters.has('g') || parameters.has('v');
  const as: WantedKind | undefined = isConverted
    ? { group: parameters.get('g') ?? '', version: parameters.get('v') ?? '', kind: parameters.get('as') ?? '' }
    : undefined;
  if (as === undefined ? rules.allowsPlain?.(offer) === false : rules.allows?.(as, offer) !== true) return undefined;
  return { mediaType: offer, as, stream, isPretty: parameters.get('pretty') === '1' };
}

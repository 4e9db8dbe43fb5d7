import { failure, type MediaRange, negotiate, StatusError, statusErrors, type WantedKind } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';

/** How an answer is to be written. */
export interface Representation {
  readonly format: 'json' | 'yaml' | 'protobuf';
  /** What objects are turned into. */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** `meta.k8s.io/v1`, or `meta.k8s.io/v1beta1` when that was asked for. */
  readonly asVersion: string;
  /** Asked for by an Accept parameter; see `isPretty` for the query. */
  readonly pretty: boolean;
}

/**
 * What an endpoint can write: `object` and `list` also as Table and metadata; `unlisted`, which is answered and never stored (a review, a
 * token), not as a Table; `plain` (discovery) as itself only.
 */
export type Produces = 'object' | 'list' | 'unlisted' | 'plain';

const json: Representation = { format: 'json', as: 'object', asVersion: 'meta.k8s.io/v1', pretty: false };

export const protobufType = 'application/vnd.kubernetes.protobuf';
/** As upstream's routes declare it, and its messages list it. */
const objectTypes = ['application/json', 'application/yaml', protobufType];
const streamTypes = ['application/json;stream=watch', `${protobufType};stream=watch`];
const produced: Readonly<Record<Produces, readonly string[]>> = {
  object: objectTypes,
  unlisted: objectTypes,
  plain: objectTypes,
  list: [...objectTypes, ...streamTypes],
};

const formats: Readonly<Record<string, Representation['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  [protobufType]: 'protobuf',
};

const transforms: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);
const metaVersions: ReadonlySet<string> = new Set(['v1', 'v1beta1']);
const isTransform = (wanted: WantedKind): boolean =>
  wanted.group === 'meta.k8s.io' && metaVersions.has(wanted.version) && transforms.has(wanted.kind);

/** Tables have no protobuf form (k8s.io/apiserver/pkg/endpoints/handlers `RequestScope.AllowsMediaTypeTransform`). */
const allowsTransform = (wanted: WantedKind, mediaType: string): boolean =>
  isTransform(wanted) && !(wanted.kind === 'Table' && mediaType === protobufType);
const allowsUnlisted = (wanted: WantedKind): boolean => isTransform(wanted) && wanted.kind !== 'Table';
const allowsNone = (): boolean => false;
const allowed: Readonly<Record<Produces, (wanted: WantedKind, mediaType: string) => boolean>> = {
  object: allowsTransform,
  list: allowsTransform,
  unlisted: allowsUnlisted,
  plain: allowsNone,
};
/** Kinds that only their own rules describe are protobuf in no form but their metadata. */
const allowsOpenPlain = (mediaType: string): boolean => mediaType !== protobufType;

type Outcome = Representation | 'no route' | 'no serializer';

const rememberedHeaders = 256;

/** Remembers what it said per header: clients send the same few. Bound: 256 headers each, then it forgets all. */
export class Negotiator {
  private readonly known: Record<Produces | 'open', Map<string, Outcome>> = {
    object: new Map(),
    list: new Map(),
    unlisted: new Map(),
    plain: new Map(),
    open: new Map(),
  };

  /** Throws 406 with one of upstream's two texts. */
  negotiate(exchange: Exchange, produces: Produces): Representation {
    const outcome = this.outcome(exchange, produces);
    if (outcome === 'no route') throw notProduced(exchange, produced[produces]);
    if (outcome === 'no serializer') throw notSerialized(objectTypes);
    return outcome;
  }

  /** For a stream of events. YAML has no form that streams. */
  negotiateWatch(exchange: Exchange): Representation {
    const representation = this.negotiate(exchange, 'list');
    if (representation.format === 'yaml') throw notSerialized(streamTypes);
    return representation;
  }

  /**
   * For a refusal; undefined for whoever takes nothing that there is, who is told in JSON for people
   * (`responsewriters.WriteObjectNegotiated`, `WriteRawJSON`).
   */
  negotiateError(exchange: Exchange): Representation | undefined {
    const outcome = this.outcome(exchange, 'plain');
    return typeof outcome === 'string' ? undefined : outcome;
  }

  private outcome(exchange: Exchange, produces: Produces): Outcome {
    const accept = exchange.request.headers.accept ?? '';
    if (accept === '' || accept === 'application/json' || accept === '*/*') return json;
    const isOpen = produces !== 'plain' && accept.includes('protobuf') && isOpenKind(exchange);
    const known = this.known[isOpen ? 'open' : produces];
    let outcome = known.get(accept);
    if (outcome === undefined) {
      outcome = decide(accept, produces, isOpen);
      if (known.size >= rememberedHeaders) known.clear();
      known.set(accept, outcome);
    }
    return outcome;
  }
}

function isOpenKind({ server, info }: Exchange): boolean {
  return server.kinds.resource(info.group, info.version, info.resource)?.type.open === true;
}

function decide(accept: string, produces: Produces, isOpen: boolean): Outcome {
  if (!isRouted(accept, objectTypes)) return 'no route';
  const found = negotiate(accept, objectTypes, {
    allows: allowed[produces],
    ...(isOpen ? { allowsPlain: allowsOpenPlain } : {}),
  });
  if (found === undefined) return 'no serializer';
  return {
    format: formats[found.mediaType] ?? 'json',
    as: (found.as?.kind ?? 'object') as Representation['as'],
    asVersion: `meta.k8s.io/${found.as?.version ?? 'v1'}`,
    pretty: found.isPretty,
  };
}

/**
 * Does a route that produces these types take the header? It is looked at before the handler negotiates, and with other eyes: what is
 * not a type to the letter, or everything, is nothing to it (go-restful `Route.matchesAccept`).
 */
function isRouted(accept: string, types: readonly string[]): boolean {
  for (const part of accept.split(',')) {
    const end = part.indexOf(';');
    const type = (end < 0 ? part : part.slice(0, end)).trim();
    if (type === '*/*' || types.includes(type)) return true;
  }
  return false;
}

const notSerialized = (types: readonly string[]): StatusError =>
  statusErrors.notAcceptable(`only the following media types are accepted: ${types.join(', ')}`);

/** Does a range of an Accept header take this type, whatever its parameters? */
export function takes(range: MediaRange, type: string): boolean {
  const [main, sub] = type.split('/');
  return (range.type === '*' || range.type === main) && (range.subtype === '*' || range.subtype === sub);
}

/** Throws 406 unless the client takes the one type that there is. */
export function demandType(exchange: Exchange, type: string): void {
  const accept = exchange.header('accept');
  if (accept !== '' && !isRouted(accept, [type])) throw notProduced(exchange, [type]);
}

const sending: ReadonlySet<string | undefined> = new Set(['POST', 'PUT', 'PATCH']);

/** go-restful's refusal: no entry of the header names a type that the route produces. A body of no known length takes the blame. */
function notProduced({ request }: Exchange, types: readonly string[]): StatusError {
  const available = `Available representations: ${types.join(', ')}`;
  const isBody = sending.has(request.method) && request.headers['content-length'] === undefined;
  return new StatusError(
    isBody
      ? failure({ reason: 'UnsupportedMediaType', message: `415: Unsupported Media Type\n\n${available}`, details: {} })
      : failure({ reason: 'NotAcceptable', message: `406: Not Acceptable\n\n${available}`, details: {} }),
  );
}

/** `?pretty=true`, or a person behind curl, wget or a browser (k8s.io/apiserver/…/negotiation `isPrettyPrint`). */
export function isPretty(exchange: Exchange, representation: Pick<Representation, 'pretty'>): boolean {
  if (representation.pretty) return true;
  if (exchange.info.query.includes('pretty')) {
    const asked = exchange.query.get('pretty');
    if (asked !== null && asked !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked);
  }
  const agent = exchange.userAgent;
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}

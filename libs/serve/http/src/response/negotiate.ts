import {
  failure,
  type MediaRange,
  negotiate,
  parseAccept,
  StatusError,
  statusErrors,
  type WantedKind,
} from '@reckon/api/machinery';
import type { Exchange } from '../exchange';

/** How an answer is to be written. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  /** What objects are turned into. */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** `meta.k8s.io/v1`, or `meta.k8s.io/v1beta1` when that was asked for. */
  readonly asVersion: string;
  /** Asked for by an Accept parameter; see `isPretty` for the query. */
  readonly pretty: boolean;
}

/** What an endpoint can write: `object` and `list` also as Table and metadata, `plain` (discovery) not. */
export type Produces = 'object' | 'list' | 'plain';

const json: Representation = { format: 'json', as: 'object', asVersion: 'meta.k8s.io/v1', pretty: false };

/** As upstream's routes declare it, and its messages list it. */
const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const produced: Readonly<Record<Produces, readonly string[]>> = {
  object: objectTypes,
  plain: objectTypes,
  list: [...objectTypes, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'],
};

/** Protobuf is read from requests but not written: who takes nothing else is refused, as if it were not served. */
const offers = ['application/json', 'application/yaml'];

const transforms: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);
const metaVersions: ReadonlySet<string> = new Set(['v1', 'v1beta1']);
const isTransform = (wanted: WantedKind): boolean =>
  wanted.group === 'meta.k8s.io' && metaVersions.has(wanted.version) && transforms.has(wanted.kind);

type Outcome = Representation | 'no route' | 'no serializer';

const rememberedHeaders = 256;

/** Remembers what it said per header: clients send the same few. Bound: 256 headers each, then it forgets all. */
export class Negotiator {
  private readonly known: Record<Produces, Map<string, Outcome>> = {
    object: new Map(),
    list: new Map(),
    plain: new Map(),
  };

  /** Throws 406 with one of upstream's two texts. */
  negotiate(exchange: Exchange, produces: Produces): Representation {
    const accept = exchange.request.headers.accept ?? '';
    if (accept === '' || accept === 'application/json' || accept === '*/*') return json;
    const known = this.known[produces];
    let outcome = known.get(accept);
    if (outcome === undefined) {
      outcome = decide(accept, produces);
      if (known.size >= rememberedHeaders) known.clear();
      known.set(accept, outcome);
    }
    if (outcome === 'no route') throw notProduced(produced[produces]);
    if (outcome === 'no serializer')
      throw statusErrors.notAcceptable(`only the following media types are accepted: ${objectTypes.join(', ')}`);
    return outcome;
  }
}

function decide(accept: string, produces: Produces): Outcome {
  const found = negotiate(accept, offers, produces === 'plain' ? {} : { allows: isTransform });
  if (found !== undefined) {
    return {
      format: found.mediaType === 'application/yaml' ? 'yaml' : 'json',
      as: (found.as?.kind ?? 'object') as Representation['as'],
      asVersion: `meta.k8s.io/${found.as?.version ?? 'v1'}`,
      pretty: found.isPretty,
    };
  }
  const ranges = parseAccept(accept);
  return ranges.some((range) => objectTypes.some((type) => takes(range, type))) ? 'no serializer' : 'no route';
}

/** Does a range of an Accept header take this type, whatever its parameters? */
export function takes(range: MediaRange, type: string): boolean {
  const [main, sub] = type.split('/');
  return (range.type === '*' || range.type === main) && (range.subtype === '*' || range.subtype === sub);
}

/** Throws 406 unless the client takes the one type that there is. */
export function demandType(exchange: Exchange, type: string): void {
  const accept = exchange.header('accept');
  if (accept !== '' && !parseAccept(accept).some((range) => takes(range, type))) throw notProduced([type]);
}

/** go-restful's refusal: no entry of the header names a type that the route produces. */
const notProduced = (types: readonly string[]): StatusError =>
  new StatusError(
    failure({
      reason: 'NotAcceptable',
      message: `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`,
      details: {},
    }),
  );

/** `?pretty=true`, or a person behind curl, wget or a browser (k8s.io/apiserver/…/negotiation `isPrettyPrint`). */
export function isPretty(exchange: Exchange, representation: Representation): boolean {
  if (representation.pretty) return true;
  if (exchange.info.query.includes('pretty')) {
    const asked = exchange.query.get('pretty');
    if (asked !== null && asked !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked);
  }
  const agent = exchange.userAgent;
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}

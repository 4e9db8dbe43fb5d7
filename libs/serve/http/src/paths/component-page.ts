import { type WantedKind, negotiate, statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import { respondDocument } from '../response/respond-object';

/** A page that every component of Kubernetes has about itself, `/flagz` or `/statusz`. */
interface ComponentPage {
  readonly kind: 'Flagz' | 'Statusz';
  /** After the head. */
  readonly text: () => string;
  /** What the structured form has beside its metadata. */
  readonly fields: () => object;
}

/** The component's name upstream: clients look for it. */
const component = 'kube-apiserver';

const types = ['application/json', 'application/yaml', 'text/plain'];
const versions: ReadonlySet<string> = new Set(['v1beta1', 'v1alpha1']);

/**
 * Text for people; an object for who names its kind and version in the Accept header, and only then (k8s.io/apiserver/pkg/server/flagz,
 * …/statusz, their `EndpointRestrictions`).
 */
export function respondComponentPage(exchange: Exchange, page: ComponentPage): void | Promise<void> {
  const accept = exchange.header('accept').trim();
  const isWanted = ({ group, version, kind }: WantedKind): boolean =>
    group === 'config.k8s.io' && versions.has(version) && kind === page.kind;
  const found = negotiate(accept === '' ? 'text/plain' : accept, types, {
    allows: (wanted, type) => type !== 'text/plain' && isWanted(wanted),
    allowsPlain: (type) => type === 'text/plain',
  });
  if (found === undefined)
    throw statusErrors.notAcceptable(`only the following media types are accepted: ${types.join(', ')}`);
  if (found.as === undefined) {
    const head = `\n${component} ${page.kind.toLowerCase()}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n`;
    return respond(exchange, 200, 'text/plain; charset=utf-8', head + page.text());
  }
  const document = {
    kind: page.kind,
    apiVersion: `config.k8s.io/${found.as.version}`,
    metadata: { name: component },
    ...page.fields(),
  };
  const format = found.mediaType === 'application/yaml' ? 'yaml' : 'json';
  return respondDocument(exchange, 200, document, {
    format,
    as: 'object',
    asVersion: 'meta.k8s.io/v1',
    pretty: found.isPretty,
  });
}

import { type WantedKind, negotiate, statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import { respondDocument } from '../response/respond-object';

/** A page that every component of Kubernetes has about itself, `/flagz` or `/statusz`. */
export interface ComponentPage {
  readonly kind: 'Flagz' | 'Statusz';
  /** After the head. */
  readonly text: () => string;
  /** What the structured form has beside its metadata. */
  readonly fields: () => object;
}

/** What the Accept header asks for: text, or an object in one of two formats. */
type ComponentPageForm =
  | { readonly format: 'text'; readonly text: string }
  | {
      readonly format: 'json' | 'yaml';
      readonly isPretty: boolean;
      readonly document: object;
      /** Said of a version that will go. */
      readonly warning: string | undefined;
    };

/** The component's name upstream: clients look for it. */
const component = 'kube-apiserver';

const types = ['application/json', 'application/yaml', 'text/plain'];
const versions: ReadonlySet<string> = new Set(['v1beta1', 'v1alpha1']);

/**
 * Text for people; an object for who names its kind and version in the Accept header, and only then (k8s.io/apiserver/pkg/server/flagz,
 * …/statusz, their `EndpointRestrictions`). Throws 406 for whoever takes neither.
 */
export function componentPageForm(accepts: string, name: string, page: ComponentPage): ComponentPageForm {
  const accept = accepts.trim();
  const isWanted = ({ group, version, kind }: WantedKind): boolean =>
    group === 'config.k8s.io' && versions.has(version) && kind === page.kind;
  const found = negotiate(accept === '' ? 'text/plain' : accept, types, {
    allows: (wanted, type) => type !== 'text/plain' && isWanted(wanted),
    allowsPlain: (type) => type === 'text/plain',
  });
  if (found === undefined)
    throw statusErrors.notAcceptable(`only the following media types are accepted: ${types.join(', ')}`);
  const path = page.kind.toLowerCase();
  if (found.as === undefined) {
    const head = `\n${name} ${path}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n`;
    return { format: 'text', text: head + page.text() };
  }
  return {
    format: found.mediaType === 'application/yaml' ? 'yaml' : 'json',
    isPretty: found.isPretty,
    document: {
      kind: page.kind,
      apiVersion: `config.k8s.io/${found.as.version}`,
      metadata: { name },
      ...page.fields(),
    },
    warning:
      found.as.version === 'v1alpha1'
        ? `This version of the ${path} endpoint is deprecated. Please use a newer version.`
        : undefined,
  };
}

/** The apiserver's own. */
export function respondComponentPage(exchange: Exchange, page: ComponentPage): void | Promise<void> {
  const form = componentPageForm(exchange.header('accept'), component, page);
  if (form.format === 'text') return respond(exchange, 200, 'text/plain; charset=utf-8', form.text);
  if (form.warning !== undefined) exchange.warn(form.warning);
  const { format, isPretty, document } = form;
  return respondDocument(exchange, 200, document, {
    format,
    as: 'object',
    asVersion: 'meta.k8s.io/v1',
    pretty: isPretty,
  });
}

import type { ResourceRow } from '../resource-row';

export interface DescribedOperation {
  readonly verb: string;
  readonly row: ResourceRow;
  /** '' for the resource itself. */
  readonly subresource?: string;
}

/** What an operation does, in the words of k8s.io/apiserver/pkg/endpoints `registerResourceHandlers`. */
export function operationDescription({ verb, row, subresource = '' }: DescribedOperation): string {
  const { kind } = row;
  const sub = subresource === '' ? '' : `${subresource} of `;
  switch (verb) {
    case 'get':
      return `read ${sub}the specified ${kind}`;
    case 'list':
      return `${row.verbs.includes('watch') ? 'list or watch' : 'list'} ${sub}objects of kind ${kind}`;
    case 'update':
      return `replace ${sub}the specified ${kind}`;
    case 'patch':
      return `partially update ${sub}the specified ${kind}`;
    case 'create':
    case 'delete':
      return `${verb} ${sub}${articleOf(kind)}${kind}`;
    case 'deletecollection':
      return `delete collection of ${sub}${kind}`;
    case 'watch':
      return `watch changes to ${sub}an object of kind ${kind}. ${useList}, filtered to a single item with the 'fieldSelector' parameter.`;
    case 'watchlist':
      return `watch individual changes to a list of ${sub}${kind}. ${useList}.`;
    default:
      return `connect ${verb.toUpperCase()} requests to ${sub}${kind}`;
  }
}

const useList = "deprecated: use the 'watch' parameter with a list operation instead";

/** Plurals have none (k8s.io/apiserver/pkg/endpoints `GetArticleForNoun`). */
function articleOf(kind: string): string {
  if (kind.endsWith('s') && !kind.endsWith('ss')) return '';
  return /^[aeiou]/i.test(kind) ? 'an ' : 'a ';
}

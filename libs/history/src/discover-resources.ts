import type { RestClient } from '@reckon/client/rest';
import type { ResourceInfo } from './resource-names';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** `apidiscovery.k8s.io/v2.APIGroupDiscoveryList`, as far as it is needed. */
interface Discovery {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind: string };
        readonly scope: string;
        readonly singularResource: string;
        readonly verbs: readonly string[];
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
      }[];
    }[];
  }[];
}

/** What the server serves, preferred versions first, in two requests. */
export async function discoverResources(rest: RestClient): Promise<ResourceInfo[]> {
  const documents = await Promise.all(
    ['/api', '/apis'].map((path) => rest.request<Discovery>('GET', path, { accept: aggregated })),
  );
  return documents.flatMap(({ items }) =>
    items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.map((r) => ({
          group: metadata?.name ?? '',
          version,
          resource: r.resource,
          singular: r.singularResource,
          kind: r.responseKind?.kind ?? '',
          shortNames: r.shortNames ?? [],
          categories: r.categories ?? [],
          namespaced: r.scope === 'Namespaced',
          verbs: r.verbs,
        })),
      ),
    ),
  );
}

import type { ResourceRef, RestClient } from '@reckon/client/rest';

/** A collection that the server serves, with what may be done to it. */
export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[];
}

interface GroupDiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope?: 'Namespaced' | 'Cluster';
        readonly verbs?: readonly string[];
        readonly responseKind?: { readonly kind?: string };
      }[];
    }[];
  }[];
}

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/**
 * Every resource of the server in every version that it is served in, those of a group in its order of preference, from the
 * aggregated discovery documents. Throws when a document cannot be had, so that nobody takes a part for the whole.
 */
export async function discoverVersions(rest: RestClient): Promise<DiscoveredResource[]> {
  const lists = await Promise.all(
    ['/api', '/apis'].map((path) => rest.request<GroupDiscoveryList>('GET', path, { accept })),
  );
  const found: DiscoveredResource[] = [];
  for (const list of lists)
    for (const group of list.items ?? [])
      for (const { version, resources = [] } of group.versions ?? [])
        for (const { resource, scope, verbs = [], responseKind } of resources)
          found.push({
            group: group.metadata?.name ?? '',
            version,
            resource,
            kind: responseKind?.kind ?? '',
            namespaced: scope === 'Namespaced',
            verbs,
          });
  return found;
}

/**
 * Each resource once, in the version that its group prefers (k8s.io/client-go/discovery `ServerPreferredResources`). A resource that
 * only another version serves is given in that one.
 */
export function preferredOf(versions: readonly DiscoveredResource[]): DiscoveredResource[] {
  const found = new Map<string, DiscoveredResource>();
  for (const resource of versions) {
    const key = `${resource.group}/${resource.resource}`;
    if (!found.has(key)) found.set(key, resource);
  }
  return [...found.values()];
}

export async function discoverResources(rest: RestClient): Promise<DiscoveredResource[]> {
  return preferredOf(await discoverVersions(rest));
}

/** Whether all of these can be done to it. */
export const supports = (resource: DiscoveredResource, ...verbs: readonly string[]): boolean =>
  verbs.every((v) => resource.verbs.includes(v));

import { type ResourceRef, type RestClient, discover } from '@reckon/client/rest';

/** A collection that the server serves, with what may be done to it. */
export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[];
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
  return preferredOf(await discover(rest));
}

/** Whether all of these can be done to it. */
export const supports = (resource: DiscoveredResource, ...verbs: readonly string[]): boolean =>
  verbs.every((v) => resource.verbs.includes(v));

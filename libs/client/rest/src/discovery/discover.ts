import { reasonOf } from '@reckon/api/machinery';
import type { ResourceRef } from '../resource-ref';
import type { RestClient } from '../rest-client';

/** A collection that a server serves, with its names and what may be done to it. */
export interface ServedResource extends ResourceRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
}

/** `apidiscovery.k8s.io` `APIGroupDiscoveryList`, v2 and v2beta1, as far as it is read. Null: a slice that a Go server never made. */
interface GroupDiscoveryList {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?:
    | null
    | readonly {
        readonly metadata?: { readonly name?: string };
        readonly versions?:
          | null
          | readonly {
              readonly version: string;
              readonly resources?:
                | null
                | readonly {
                    readonly resource: string;
                    readonly scope?: string;
                    readonly verbs?: null | readonly string[];
                    readonly responseKind?: { readonly kind?: string };
                    readonly singularResource?: string;
                    readonly shortNames?: null | readonly string[];
                    readonly categories?: null | readonly string[];
                  }[];
            }[];
      }[];
}

interface CoreVersions {
  readonly kind: 'APIVersions';
  readonly versions?: null | readonly string[];
}

interface GroupList {
  readonly kind: 'APIGroupList';
  readonly groups?:
    | null
    | readonly {
        readonly name: string;
        readonly versions?: null | readonly { readonly version: string }[];
        readonly preferredVersion?: { readonly version: string };
      }[];
}

/** `APIResourceList`: one version of one group, its subresources among the rest. */
interface VersionResources {
  readonly resources?:
    | null
    | readonly {
        readonly name: string;
        readonly namespaced?: boolean;
        readonly kind?: string;
        readonly singularName?: string;
        readonly verbs?: null | readonly string[];
        readonly shortNames?: null | readonly string[];
        readonly categories?: null | readonly string[];
      }[];
}

type RootDocument = GroupDiscoveryList | CoreVersions | GroupList;

/** Servers before 1.30 know v2beta1, those before 1.26 neither (client-go/discovery `DiscoveryClient.downloadAPIs`). */
const accept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/**
 * Every resource of the server in every version that it is served in, those of a group in its order of preference: in two requests
 * where the server has aggregated documents, otherwise with one more for each version. Throws when a document cannot be had, so that
 * nobody takes a part for the whole.
 */
export async function discover(rest: RestClient): Promise<ServedResource[]> {
  const documents = await Promise.all(
    ['/api', '/apis'].map((path) => rest.request<RootDocument>('GET', path, { accept })),
  );
  const served = await Promise.all(documents.map((document) => resourcesOf(rest, document)));
  return served.flat();
}

const versionPath = ({ group, version }: Pick<ResourceRef, 'group' | 'version'>): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

async function resourcesOf(rest: RestClient, document: RootDocument): Promise<ServedResource[]> {
  switch (document.kind) {
    case 'APIGroupDiscoveryList':
      return aggregated(document);
    case 'APIVersions':
      return eachVersion(
        rest,
        (document.versions ?? []).map((version) => ({ group: '', version })),
      );
    case 'APIGroupList':
      return eachVersion(
        rest,
        (document.groups ?? []).flatMap(({ name, versions, preferredVersion }) => {
          const others = (versions ?? []).map((v) => v.version).filter((v) => v !== preferredVersion?.version);
          const inOrder = preferredVersion === undefined ? others : [preferredVersion.version, ...others];
          return inOrder.map((version) => ({ group: name, version }));
        }),
      );
  }
}

const aggregated = ({ items }: GroupDiscoveryList): ServedResource[] =>
  (items ?? []).flatMap(({ metadata, versions }) =>
    (versions ?? []).flatMap(({ version, resources }) =>
      (resources ?? []).map((r) => ({
        group: metadata?.name ?? '',
        version,
        resource: r.resource,
        kind: r.responseKind?.kind ?? '',
        namespaced: r.scope === 'Namespaced',
        singular: r.singularResource ?? '',
        shortNames: r.shortNames ?? [],
        categories: r.categories ?? [],
        verbs: r.verbs ?? [],
      })),
    ),
  );

async function eachVersion(
  rest: RestClient,
  versions: readonly Pick<ResourceRef, 'group' | 'version'>[],
): Promise<ServedResource[]> {
  const lists = await Promise.all(
    versions.map(async (of) => {
      const { resources } = await versionOrNone(rest, of);
      return (resources ?? []).flatMap((r) =>
        r.name.includes('/')
          ? []
          : [
              {
                ...of,
                resource: r.name,
                kind: r.kind ?? '',
                namespaced: r.namespaced === true,
                singular: r.singularName ?? '',
                shortNames: r.shortNames ?? [],
                categories: r.categories ?? [],
                verbs: r.verbs ?? [],
              },
            ],
      );
    }),
  );
  return lists.flat();
}

/** A version that has gone since it was named serves nothing. */
async function versionOrNone(rest: RestClient, of: Pick<ResourceRef, 'group' | 'version'>): Promise<VersionResources> {
  try {
    return await rest.request<VersionResources>('GET', versionPath(of));
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return {};
    throw error;
  }
}

/**
 * Whether the server has this collection at all. A server asks for rights before it looks for what is asked for, so that a refusal
 * (403) alone does not tell.
 */
export async function isServed(rest: RestClient, ref: ResourceRef, signal?: AbortSignal): Promise<boolean> {
  try {
    const { resources } = await rest.request<VersionResources>('GET', versionPath(ref), {
      ...(signal === undefined ? {} : { signal }),
    });
    return (resources ?? []).some((r) => r.name === ref.resource);
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return false;
    throw error;
  }
}

import type { corev1, resourcev1, storagev1 } from '@reckon/api/types';
import type { StorageResource, StoredJson, StoredObject } from '@reckon/store/contract';
import { type Relations, vertexKey } from './node-graph';
import { podReferences } from './pod-references';
import { volumeSecrets } from './volume-secrets';

/** A kind that says which node may read what. */
export interface GraphSource {
  readonly resource: StorageResource;
  /** Undefined: it says nothing (yet). */
  relationsOf(object: StoredJson): Relations | undefined;
  /** True for an object that certainly says nothing, so that it need not be parsed. */
  isSilent?(stored: StoredObject): boolean;
  /** Whether a later version can say something else than the first that said anything; absent: each can. */
  mayDiffer?(stored: StoredObject): boolean;
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const noLinks: Relations['links'] = [];
/** Fields through which a bound pod may come to refer to something more. */
const changeable = ['"ephemeralContainers"', '"resourceClaims"', '"extendedResourceClaimStatus"'];

/** The kinds behind the graph (plugin/pkg/auth/authorizer/node `AddGraphEventHandlers`). One that is not served yet is empty. */
export const graphSources: readonly GraphSource[] = [
  {
    resource: { group: '', resource: 'pods' },
    relationsOf: (object) => podRelations(object),
    // Most writes of pods come before they have a node. A key of that name, not a part of one or of a text.
    isSilent: ({ bytes }) => !bytes.includes('"nodeName":'),
    // What a pod refers to is fixed but for these, and a pod changes often.
    mayDiffer: ({ bytes }) => changeable.some((field) => bytes.includes(field)),
  },
  {
    resource: { group: '', resource: 'persistentvolumes' },
    relationsOf: (object) => volumeRelations(object),
  },
  {
    resource: { group: 'storage.k8s.io', resource: 'volumeattachments' },
    relationsOf: (object) => placed((object as unknown as storagev1.VolumeAttachment).spec.nodeName),
  },
  {
    resource: { group: 'resource.k8s.io', resource: 'resourceslices' },
    relationsOf: (object) => placed((object as unknown as resourcev1.ResourceSlice).spec.nodeName),
  },
];

const placed = (node: string | undefined): Relations | undefined =>
  node === undefined || node === '' ? undefined : { node, used: [], links: noLinks };

function podRelations(pod: corev1.Pod): Relations | undefined {
  const { metadata, spec, status } = pod;
  const node = spec?.nodeName ?? '';
  if (node === '') return undefined;
  // A node may make mirror pods, and must get no rights by it.
  if (metadata.annotations?.[mirrorAnnotation] !== undefined) return placed(node);
  const { namespace = '' } = metadata;
  const { secrets, configMaps, claims } = podReferences(pod);
  const used: string[] = [];
  const use = (resource: string, names: Iterable<string>): void => {
    for (const name of names) if (name !== '') used.push(vertexKey(resource, namespace, name));
  };
  use('serviceaccounts', [spec?.serviceAccountName ?? '']);
  use('secrets', secrets);
  use('configmaps', configMaps);
  use('persistentvolumeclaims', claims);
  use('resourceclaims', resourceClaims(pod));
  use('resourceclaims', [status?.extendedResourceClaimStatus?.resourceClaimName ?? '']);
  return { node, used, links: noLinks };
}

/** Named in the spec, or made from a template and then named in the status. */
function resourceClaims({ spec, status }: corev1.Pod): string[] {
  return (spec?.resourceClaims ?? []).map(
    ({ name, resourceClaimName }) =>
      resourceClaimName ?? status?.resourceClaimStatuses?.find((s) => s.name === name)?.resourceClaimName ?? '',
  );
}

/** The claim's nodes may read the volume, and the Secrets that mounting it takes. */
function volumeRelations(volume: corev1.PersistentVolume): Relations | undefined {
  const claim = volume.spec?.claimRef;
  if (claim === undefined) return undefined;
  const { namespace = '', name = '' } = claim;
  const key = vertexKey('persistentvolumes', '', volume.metadata.name ?? '');
  return {
    node: '',
    used: [],
    links: [
      [key, vertexKey('persistentvolumeclaims', namespace, name)],
      ...volumeSecrets(volume.spec ?? {}, namespace).map(
        (secret) => [vertexKey('secrets', secret.namespace, secret.name), key] as const,
      ),
    ],
  };
}

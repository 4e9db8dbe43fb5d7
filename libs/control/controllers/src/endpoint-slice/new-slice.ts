import { type KubeObject, newControllerReference } from '@reckon/api/machinery';
import type { discoveryv1 } from '@reckon/api/types';
import type { Service } from '../endpoints/service-pods';
import type { AddressType, SlicePort } from './slice-endpoint';

export type Slice = discoveryv1.EndpointSlice & KubeObject;

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const reserved: readonly string[] = [serviceNameLabel, managedByLabel, headlessLabel];

export function newSlice(service: Service, addressType: AddressType, ports: SlicePort[]): Slice {
  const { namespace = '', name = '' } = service.metadata;
  return {
    metadata: {
      namespace,
      generateName: `${name}-`,
      labels: sliceLabels(service),
      ownerReferences: [newControllerReference(service, { apiVersion: 'v1', kind: 'Service' })],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

/** The Service's labels, but for those that slices reserve, and what marks them as its own. */
export function sliceLabels(service: Service): Record<string, string> {
  const isHeadless = ['', 'None'].includes(service.spec?.clusterIP ?? '');
  return {
    ...unreserved(service.metadata.labels),
    ...(isHeadless ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name ?? '',
    [managedByLabel]: managedBy,
  };
}

export const unreserved = (labels: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !reserved.includes(name)));

export const isOwnedBy = (slice: Slice, service: Service): boolean =>
  (slice.metadata.ownerReferences ?? []).some(
    (owner) => owner.uid === service.metadata.uid && owner.kind === 'Service' && owner.apiVersion === 'v1',
  );

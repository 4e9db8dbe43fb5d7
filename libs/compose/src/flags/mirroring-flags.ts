import { duration, whole } from './flag';

/** How Endpoints become EndpointSlices; as cmd/kube-controller-manager/app/options `EndpointSliceMirroringControllerOptions`. */
export const mirroringFlags = {
  'mirroring-concurrent-service-endpoint-syncs': whole('Endpoints mirrored together', {
    initial: 5,
    least: 1,
    most: 50,
  }),
  'mirroring-endpointslice-updates-batch-period': duration('how long changes of mirrored slices are gathered', '0s'),
  'mirroring-max-endpoints-per-subset': whole('addresses of a subset that are mirrored at most', {
    initial: 1_000,
    least: 1,
    most: 1_000,
  }),
};

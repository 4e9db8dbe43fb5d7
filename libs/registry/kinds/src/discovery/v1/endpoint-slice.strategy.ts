import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { discoveryv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { immutableMessage } from '../../field-checks';
import { keepGeneration } from '../../generation';
import { ipWarnings } from '../../networking/v1/ip-format';
import { validateEndpointSlice } from './endpoint-slice.validation';

const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const controllers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

export const endpointSliceStrategy: Strategy<discoveryv1.EndpointSlice> = {
  defaults: (slice) => {
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate: (_ctx, slice) => {
    slice.metadata.generation = 1;
    dropTopology(slice);
  },
  validate: (_ctx, slice) => validateEndpointSlice(slice),
  warningsOnCreate: (_ctx, slice) => [
    ...(slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...addressWarnings(slice),
  ],
  prepareForUpdate: (_ctx, slice, old) => {
    const same =
      slice.addressType === old.addressType &&
      semanticEqual(slice.endpoints, old.endpoints) &&
      semanticEqual(slice.ports, old.ports) &&
      semanticEqual(slice.metadata.labels, old.metadata.labels);
    if (same) keepGeneration(slice, old);
    else slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (!semanticEqual(slice.endpoints, old.endpoints)) dropTopology(slice);
  },
  validateUpdate: (_ctx, slice, old) => {
    const errors = validateEndpointSlice(slice, old);
    if (slice.addressType !== old.addressType)
      errors.push(fieldErrors.invalid(fieldPath('addressType'), slice.addressType, immutableMessage));
    return errors;
  },
  warningsOnUpdate: (_ctx, slice) => addressWarnings(slice),
};

/** Addresses that are written oddly, unless one of the controllers wrote them, which copies what others were warned of. */
function addressWarnings({ metadata, endpoints }: discoveryv1.EndpointSlice): string[] {
  if (controllers.includes(metadata.labels?.[managedByLabel] ?? '')) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    (addresses ?? []).flatMap((address, i) =>
      ipWarnings(fieldPath('endpoints').index(index).child('addresses').index(i), address),
    ),
  );
}

/** v1 has fields for what the beta kept in a map; the map is read no more (dropTopologyOnV1). */
function dropTopology(slice: discoveryv1.EndpointSlice): void {
  for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
}

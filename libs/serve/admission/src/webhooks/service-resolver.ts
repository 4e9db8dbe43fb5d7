import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { corev1, discoveryv1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';
import type { ObjectReader } from '../object-reader';

/** Finds where a Service really is. */
export interface ServiceResolver {
  /** Throws what is told of the failure. */
  resolve(namespace: string, name: string, port: number): { readonly host: string; readonly port: number };
}

const services = { group: '', resource: 'services' };
const slices = { group: 'discovery.k8s.io', resource: 'endpointslices' };

/**
 * One of the ready endpoints of a Service, as they stand in its EndpointSlices (util/proxy `ResolveEndpoint`); of an ExternalName the
 * name. Each call may take another one.
 */
export function endpointResolver(objects: ObjectReader, random: Pick<Random, 'int'>): ServiceResolver {
  return {
    resolve(namespace, name, port) {
      const service = objects.get<corev1.Service>(services, namespace, name);
      if (service === undefined) throw statusErrors.notFound(services, name);
      const spec = service.spec ?? {};
      if (spec.type === 'ExternalName') return { host: spec.externalName ?? '', port };
      const servicePort = (spec.ports ?? []).find((each) => each.port === port);
      if (servicePort === undefined)
        throw statusErrors.serviceUnavailable(`no service port ${String(port)} found for service "${name}"`);
      const found = endpointsOf(objects, namespace, name, servicePort.name ?? '');
      const chosen = found[found.length === 0 ? 0 : random.int(found.length)];
      if (chosen === undefined) throw statusErrors.serviceUnavailable(`no endpoints available for service "${name}"`);
      return chosen;
    },
  };
}

function endpointsOf(
  objects: ObjectReader,
  namespace: string,
  service: string,
  portName: string,
): { readonly host: string; readonly port: number }[] {
  return objects.list<discoveryv1.EndpointSlice & KubeObject>(slices, namespace).flatMap((slice) => {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) return [];
    const port = (slice.ports ?? []).find((each) => (each.name ?? '') === portName)?.port;
    if (port === undefined) return [];
    return (slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => (addresses ?? []).slice(0, 1).map((host) => ({ host, port })));
  });
}

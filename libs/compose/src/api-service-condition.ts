import { goQuote } from '@reckon/api/machinery';
import type { apiregistrationv1, corev1, discoveryv1 } from '@reckon/api/types';

export const apiServiceGroup = 'apiregistration.k8s.io';

type ApiService = apiregistrationv1.APIService;
type Condition = apiregistrationv1.APIServiceCondition;

/** What an APIService can be checked against. */
export interface Backend {
  service(namespace: string, name: string): corev1.Service | undefined;
  endpointSlices(namespace: string, service: string): readonly discoveryv1.EndpointSlice[];
}

const available = (status: string, reason: string, message: string): Condition => ({
  type: 'Available',
  status,
  reason,
  message,
});

/**
 * Whether the server behind an APIService can be asked (kube-aggregator/pkg/controllers/status), without its time. What this server
 * serves itself always can. Everything else ends with the last check: there is no network in which the address of a service leads
 * anywhere, so it is not tried either; in the network around us it may be somebody else's.
 */
export function availableCondition({ metadata, spec }: ApiService, backend: Backend): Condition {
  const target = spec?.service;
  if (target == null) return available('True', 'Local', 'Local APIServices are always available');
  const { name = '', namespace = '', port = 443 } = target;
  const called = `service/${name} in ${goQuote(namespace)}`;
  const service = backend.service(namespace, name);
  if (service === undefined) return available('False', 'ServiceNotFound', `${called} is not present`);
  if ((service.spec?.type ?? 'ClusterIP') === 'ClusterIP') {
    const missing = missingEndpoints(service, { called, port }, backend.endpointSlices(namespace, name));
    if (missing !== undefined) return missing;
  }
  return available('False', 'FailedDiscoveryCheck', discoveryFailure(service, port, documentPath(metadata.name, spec)));
}

function missingEndpoints(
  service: corev1.Service,
  { called, port }: { readonly called: string; readonly port: number },
  slices: readonly discoveryv1.EndpointSlice[],
): Condition | undefined {
  const listening = service.spec?.ports?.find((p) => p.port === port);
  if (listening === undefined)
    return available('False', 'ServicePortError', `${called} is not listening on port ${String(port)}`);
  if (slices.length === 0) return available('False', 'EndpointsNotFound', `cannot find endpointslices for ${called}`);
  const portName = listening.name ?? '';
  if (slices.some((slice) => hasReady(slice, portName))) return undefined;
  return available(
    'False',
    'MissingEndpoints',
    `endpointslices for ${called} have no addresses with port name ${goQuote(portName)}`,
  );
}

const hasReady = ({ endpoints, ports }: discoveryv1.EndpointSlice, portName: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
  (ports ?? []).some((p) => p.name === portName && p.port != null);

/** Where the server behind it would have to answer. */
const documentPath = (name: string | undefined, spec: ApiService['spec']): string =>
  name === 'v1.' ? `/api/${spec?.version ?? ''}` : `/apis/${spec?.group ?? ''}/${spec?.version ?? ''}`;

function discoveryFailure({ metadata, spec }: corev1.Service, port: number, path: string): string {
  if (spec?.type !== 'ExternalName') {
    if (spec?.clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
    if (spec?.ports?.some((p) => p.port === port) !== true)
      return `no service port ${String(port)} found for service ${goQuote(metadata.name ?? '')}`;
  }
  const host = (spec.type === 'ExternalName' ? spec.externalName : spec.clusterIP) ?? '';
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${String(port)}${path}`;
  return `failing or missing response from ${url}: Get ${goQuote(url)}: services cannot be reached from this server`;
}

/** True when the status says so already. */
export function saysAvailability({ status }: ApiService, wanted: Condition): boolean {
  const now = status?.conditions?.find(({ type }) => type === wanted.type);
  return now?.status === wanted.status && now.reason === wanted.reason && now.message === wanted.message;
}

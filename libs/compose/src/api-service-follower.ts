import { timeText, withCondition } from '@reckon/api/machinery';
import type { apiregistrationv1, corev1, discoveryv1 } from '@reckon/api/types';
import type { Clock, Logger, Random, Running } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import type { Storage, StorageResource, StoredObject, WatchEvent } from '@reckon/store/contract';
import { type Backend, apiServiceGroup, availableCondition, saysAvailability } from './api-service-condition';
import { nameWriter } from './name-writer';
import { systemContext, systemWrite } from './system-context';

export interface ApiServiceFollowerParts {
  readonly storage: Storage;
  readonly apiServices: ResourceStore;
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const apiVersion = `${apiServiceGroup}/v1`;
const apiServices = { group: apiServiceGroup, resource: 'apiservices' };
const services = { group: '', resource: 'services' };
const endpointSlices = { group: 'discovery.k8s.io', resource: 'endpointslices' };
const serviceLabel = 'kubernetes.io/service-name';

/** Tells in the status of each APIService whether it is available, as upstream's aggregator inside the apiserver does. */
export function startApiServiceFollower(parts: ApiServiceFollowerParts): Running {
  const { logger, storage } = parts;
  /** Names of APIServices by the service behind them, which is all that most changes of services are looked up in. */
  const behind = new Map<string, Set<string>>();
  const targets = new Map<string, string>();
  const writer = nameWriter((name) => writeCondition(parts, name), logger, 'APIService');

  function remember(name: string, target: string | undefined): void {
    const before = targets.get(name);
    if (before === target) return;
    if (before !== undefined) behind.get(before)?.delete(name);
    targets.delete(name);
    if (target === undefined) return;
    targets.set(name, target);
    const names = behind.get(target);
    if (names === undefined) behind.set(target, new Set([name]));
    else names.add(name);
  }
  const lookBehind = (namespace: string, name: string): void => {
    for (const apiService of behind.get(`${namespace}/${name}`) ?? []) writer.look(apiService);
  };
  const observe = (resource: StorageResource, listener: (event: WatchEvent) => void): (() => void) =>
    storage.observe(resource, listener);

  const ends = [
    observe(apiServices, ({ type, object }) => {
      const { name } = object.key;
      const target = type === 'DELETED' ? undefined : parsed<apiregistrationv1.APIService>(object).spec?.service;
      remember(name, target == null ? undefined : `${target.namespace ?? ''}/${target.name ?? ''}`);
      if (type !== 'DELETED') writer.look(name);
    }),
    observe(services, ({ object: { key } }) => {
      if (targets.size > 0) lookBehind(key.namespace, key.name);
    }),
    observe(endpointSlices, ({ object }) => {
      if (targets.size > 0) lookBehind(object.key.namespace, object.labels[serviceLabel] ?? '');
    }),
  ];
  return {
    stop() {
      for (const end of ends) end();
      return writer.stop();
    },
  };
}

const parsed = <T>(object: StoredObject): T => object.parse() as unknown as T;

const backendOf = (storage: Storage): Backend => ({
  service(namespace, name) {
    const stored = storage.newest({ ...services, namespace, name });
    return stored === undefined ? undefined : parsed<corev1.Service>(stored);
  },
  endpointSlices: (namespace, service) =>
    [...storage.newestOf(endpointSlices)]
      .filter(({ key, labels }) => key.namespace === namespace && labels[serviceLabel] === service)
      .map((stored) => parsed<discoveryv1.EndpointSlice>(stored)),
});

async function writeCondition(parts: ApiServiceFollowerParts, name: string): Promise<void> {
  const { storage } = parts;
  const stored = storage.newest({ ...apiServices, namespace: '', name });
  if (stored === undefined) return;
  const wanted = availableCondition(parsed(stored), backendOf(storage));
  if (saysAvailability(parsed(stored), wanted)) return;
  const ctx = systemContext(parts);
  await parts.apiServices.update(
    ctx,
    '',
    name,
    'status',
    {
      next: (current) => {
        const conditions = parsedConditions(current);
        const next = withCondition(conditions, wanted, timeText(ctx.nowMs));
        return { ...(current ?? { metadata: { name } }), status: { conditions: [...next] } };
      },
      operation: 'Update',
      mayCreate: false,
    },
    systemWrite(apiVersion),
  );
}

const parsedConditions = (object: unknown): readonly apiregistrationv1.APIServiceCondition[] =>
  (object as apiregistrationv1.APIService | undefined)?.status?.conditions ?? [];

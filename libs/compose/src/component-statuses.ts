import { type KubeObject, StatusError } from '@reckon/api/machinery';
import type { ComputedObjects } from '@reckon/registry/generic';

/** What a component says of itself when it is asked. */
export interface ComponentHealth {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly message: string;
}

/** Resolves whatever the component does. */
export type ComponentProbe = () => Promise<ComponentHealth>;

/** How the programs beside the apiserver are asked. */
export interface ComponentProbes {
  readonly scheduler: ComponentProbe;
  readonly 'controller-manager': ComponentProbe;
}

export const healthy: ComponentHealth = { status: 'True', message: 'ok' };

/** The probe of a program that is ours: it is well while it runs. */
export const runningProbe =
  (isRunning: () => boolean): ComponentProbe =>
  () =>
    Promise.resolve(isRunning() ? healthy : { status: 'False', message: 'not running' });

/**
 * `componentstatuses`: how the parts of the control plane are, asked anew for every answer (pkg/registry/core/componentstatus).
 * Clients look for `etcd-0`; here that is the log, and where the log fails nobody answers any more.
 */
export function componentStatuses(probes: ComponentProbes): ComputedObjects {
  const table: ReadonlyMap<string, ComponentProbe> = new Map([
    ['scheduler', probes.scheduler],
    ['controller-manager', probes['controller-manager']],
    ['etcd-0', () => Promise.resolve(healthy)],
  ]);
  return {
    list: () => Promise.all([...table].map(async ([name, probe]) => statusOf(name, await probe()))),
    async get(name) {
      const probe = table.get(name);
      if (probe === undefined) throw unknownComponent(name);
      return statusOf(name, await probe());
    },
  };
}

const statusOf = (name: string, { status, message }: ComponentHealth): KubeObject => ({
  metadata: { name },
  conditions: [{ type: 'Healthy', status, ...(message === '' ? {} : { message }) }],
});

/** Upstream has no better answer: an error of no kind. */
const unknownComponent = (name: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Component not found: ${name}`,
    code: 500,
  });

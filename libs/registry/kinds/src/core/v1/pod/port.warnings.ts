import { type FieldPath, goQuote } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Warn } from './pod.warnings';
import { forEachContainer } from './validation/each-container';

interface Seen {
  readonly path: FieldPath;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** Ports of a pod that are the same port, or may turn out to be. */
export function portWarnings(spec: corev1.PodSpec, path: FieldPath, warn: Warn): void {
  const byPort = new Map<string, Seen[]>();
  const names: (readonly [string, FieldPath])[] = [];
  forEachContainer(spec, path, (container, containerPath) => {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const portPath = containerPath.child('ports').index(index);
      const { hostIP: hostIp = '', hostPort = 0, protocol = '', containerPort, name } = port;
      if (name) names.push([name, portPath]);
      if (hostIp !== '' && hostPort === 0) warn(portPath, `hostIP set without hostPort: ${portText(port)}`);
      const key = `${String(containerPort)}/${protocol}`;
      const others = byPort.get(key) ?? [];
      for (const other of others) {
        const overlap = overlapOf({ path: portPath, hostIp, hostPort }, other);
        if (overlap !== undefined) warn(portPath, `${overlap} port definition with ${other.path.toString()}`);
      }
      others.push({ path: portPath, hostIp, hostPort });
      byPort.set(key, others);
    }
  });
  nameWarnings(names, warn);
}

/** A name stands for one port of the pod. */
function nameWarnings(names: readonly (readonly [string, FieldPath])[], warn: Warn): void {
  const firstOf = new Map<string, string>();
  for (const [name, path] of names) {
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, path.toString());
    else
      warn(
        path,
        `duplicate port name ${goQuote(name)} with ${first}, services and probes that select ports by name will use ${first}`,
      );
  }
}

function overlapOf(port: Seen, other: Seen): string | undefined {
  if (port.hostIp === other.hostIp && port.hostPort === other.hostPort) return 'duplicate';
  if (port.hostPort === 0 || other.hostPort === 0) return 'overlapping';
  // One of them on every address, the other on one: who gets the traffic is anybody's guess.
  if (port.hostPort === other.hostPort && (port.hostIp === '') !== (other.hostIp === ''))
    return 'dangerously ambiguous';
  return undefined;
}

/** Go's %+v of the struct. */
function portText({
  name = '',
  hostPort = 0,
  containerPort,
  protocol = '',
  hostIP = '',
}: corev1.ContainerPort): string {
  return `{Name:${name} HostPort:${String(hostPort)} ContainerPort:${String(containerPort)} Protocol:${protocol} HostIP:${hostIP}}`;
}

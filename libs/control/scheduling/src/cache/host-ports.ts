import type { Pod } from '../framework/kinds';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const everyAddress = '0.0.0.0';

/** The ports of the node that a pod's containers and sidecars claim (pkg/scheduler/util.GetHostPorts). */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const collect = (containers: NonNullable<Pod['spec']>['containers'] | undefined, sidecarsOnly: boolean): void => {
    for (const container of containers ?? []) {
      if (container.ports === undefined || (sidecarsOnly && container.restartPolicy !== 'Always')) continue;
      for (const { hostPort, hostIP, protocol } of container.ports)
        if (hostPort !== undefined && hostPort > 0)
          (ports ??= []).push({
            ip: hostIP === undefined || hostIP === '' ? everyAddress : hostIP,
            protocol: protocol === undefined || protocol === '' ? 'TCP' : protocol,
            port: hostPort,
          });
    }
  };
  collect(pod.spec?.initContainers, true);
  collect(pod.spec?.containers, false);
  return ports ?? none;
}

const none: readonly HostPort[] = [];

/** Ports in use on one node. A claim on 0.0.0.0 collides with the same port on any address (k8s.io/kube-scheduler/framework.HostPortInfo). */
export class UsedPorts {
  /** `TCP/80` → address → how many pods hold it. */
  private readonly byPort = new Map<string, Map<string, number>>();

  add(ports: readonly HostPort[]): void {
    for (const { ip, protocol, port } of ports) {
      const name = `${protocol}/${String(port)}`;
      let addresses = this.byPort.get(name);
      if (addresses === undefined) {
        addresses = new Map();
        this.byPort.set(name, addresses);
      }
      addresses.set(ip, (addresses.get(ip) ?? 0) + 1);
    }
  }

  remove(ports: readonly HostPort[]): void {
    for (const { ip, protocol, port } of ports) {
      const name = `${protocol}/${String(port)}`;
      const addresses = this.byPort.get(name);
      const left = (addresses?.get(ip) ?? 0) - 1;
      if (addresses === undefined) continue;
      if (left > 0) addresses.set(ip, left);
      else addresses.delete(ip);
      if (addresses.size === 0) this.byPort.delete(name);
    }
  }

  collides({ ip, protocol, port }: HostPort): boolean {
    const addresses = this.byPort.get(`${protocol}/${String(port)}`);
    if (addresses === undefined) return false;
    return ip === everyAddress || addresses.has(ip) || addresses.has(everyAddress);
  }

  copy(): UsedPorts {
    const copy = new UsedPorts();
    for (const [name, addresses] of this.byPort) copy.byPort.set(name, new Map(addresses));
    return copy;
  }
}

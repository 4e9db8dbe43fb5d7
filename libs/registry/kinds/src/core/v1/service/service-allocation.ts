import { fieldErrors, fieldPath, type StatusError, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';
import type { Storage, StoredObject } from '@reckon/store/contract';
import { addressKey, heldAddresses } from './address-objects';
import { type AddressRange, canonicalAddress, type Taken } from './address-range';
import { nodePortsOf } from './linked-fields';
import type { PortRange } from './port-range';
import { ServiceNetworks } from './service-networks';
import { type IpFamily, isHeadless, needsHealthCheckPort, needsNodePort } from './service-type';

type Spec = corev1.ServiceSpec;

interface Held {
  readonly ips: readonly string[];
  readonly ports: readonly number[];
}

export interface AllocationOptions {
  /** One range per family, the primary family first. */
  readonly addresses: readonly AddressRange[];
  readonly nodePorts: PortRange;
  readonly random: Random;
}

/**
 * Gives services their addresses and ports, right before the append, on the newest state including what is in flight:
 * so no two services ever hold the same one, and what a rolled back or deleted service held is free by itself. The services
 * are the allocation; the IPAddress objects that come and go with them (`address-objects.ts`) reserve addresses besides.
 */
export class ServiceAllocation {
  /** What a version of a service holds; versions are never written to, so this cannot go stale. */
  private readonly taken = new WeakMap<StoredObject, Held>();
  private readonly networks: ServiceNetworks;

  constructor(private readonly options: AllocationOptions) {
    this.networks = new ServiceNetworks(options.addresses);
  }

  /** Fills in what `service` needs and does not have, or throws why it cannot have what it asked for. */
  allocate(storage: Storage, service: corev1.Service, old: corev1.Service | undefined): void {
    const spec = (service.spec ??= {});
    const wantsAddress = spec.type !== 'ExternalName' && !isHeadless(spec) && addressesMissing(spec, old?.spec);
    const wantsPort = needsNodePort(spec) || needsHealthCheckPort(spec);
    if (!wantsAddress && !wantsPort) return;
    const held = this.heldByOthers(storage, service);
    if (wantsAddress) this.allocateAddresses(storage, service, spec, old?.spec, held.ips);
    if (needsNodePort(spec)) this.allocateNodePorts(service, spec, old?.spec, held.ports);
    if (needsHealthCheckPort(spec)) this.allocateHealthCheckPort(spec, old?.spec, held.ports);
  }

  private heldByOthers(storage: Storage, service: corev1.Service): { ips: Set<string>; ports: Set<number> } {
    const ips = new Set<string>();
    const ports = new Set<number>();
    for (const stored of storage.newestOf({ group: '', resource: 'services' })) {
      if (stored.key.name === service.metadata.name && stored.key.namespace === service.metadata.namespace) continue;
      const taken = this.takenBy(stored);
      for (const ip of taken.ips) ips.add(ip);
      for (const port of taken.ports) ports.add(port);
    }
    return { ips, ports };
  }

  private takenBy(stored: StoredObject): Held {
    let taken = this.taken.get(stored);
    if (taken === undefined) {
      const spec = (stored.parse() as unknown as corev1.Service).spec ?? {};
      const ports = needsNodePort(spec) ? [...nodePortsOf(spec)] : [];
      if (needsHealthCheckPort(spec) && spec.healthCheckNodePort) ports.push(spec.healthCheckNodePort);
      taken = {
        ips: heldAddresses(spec),
        ports,
      };
      this.taken.set(stored, taken);
    }
    return taken;
  }

  private allocateAddresses(
    storage: Storage,
    service: corev1.Service,
    spec: Spec,
    old: Spec | undefined,
    held: Set<string>,
  ): void {
    const taken = { has: (ip: string) => held.has(ip) || storage.newest(addressKey(ip)) !== undefined };
    const ips = (spec.clusterIPs ??= []);
    const kept = new Set(old && old.type !== 'ExternalName' && !isHeadless(old) ? (old.clusterIPs ?? []) : []);
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const ranges = this.networks.of(storage, family as IpFamily);
      if (ranges.length === 0) continue;
      const asked = ips[index];
      if (!asked) {
        const ip = this.pickAddress(ranges, taken);
        if (ip === undefined) throw statusErrors.internal('failed to allocate a serviceIP: range is full');
        ips[index] = ip;
      } else if (!kept.has(asked)) {
        const refusal = taken.has(canonicalAddress(asked))
          ? 'provided IP is already allocated'
          : ranges.some((range) => range.contains(asked))
            ? undefined
            : 'the provided network does not match the current range';
        if (refusal !== undefined)
          throw invalid(service, fieldPath('spec', 'clusterIPs'), ips, `failed to allocate IP ${asked}: ${refusal}`);
      }
      const given = ips[index];
      if (given) held.add(canonicalAddress(given));
    }
    if (ips[0]) spec.clusterIP = ips[0];
  }

  private pickAddress(ranges: readonly AddressRange[], taken: Taken): string | undefined {
    for (const range of ranges) {
      const ip = range.pick(taken, this.options.random);
      if (ip !== undefined) return ip;
    }
    return undefined;
  }

  /** Ports of one number in several protocols share a node port (initNodePorts, updateNodePorts). */
  private allocateNodePorts(service: corev1.Service, spec: Spec, old: Spec | undefined, held: Set<number>): void {
    const kept = old && needsNodePort(old) ? nodePortsOf(old) : new Set<number>();
    const byPort = new Map<number, number>();
    const mine = new Set<number>();
    const take = (index: number, port: number): void => {
      if (mine.has(port) || kept.has(port)) {
        mine.add(port);
        return;
      }
      const refusal = this.portRefusal(port, held);
      if (refusal !== undefined)
        throw invalid(service, fieldPath('spec', 'ports').index(index).child('nodePort'), port, refusal);
      mine.add(port);
      held.add(port);
    };
    const ports = spec.ports ?? [];
    for (const [index, port] of ports.entries()) if (port.nodePort) take(index, port.nodePort);
    const automatic = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
    for (const port of ports) {
      if (port.nodePort || !automatic) continue;
      const shared =
        old === undefined
          ? (byPort.get(port.port) ?? ports.find((other) => other.port === port.port && other.nodePort)?.nodePort)
          : undefined;
      port.nodePort = shared ?? this.pickPort(held, 'nodePort');
      byPort.set(port.port, port.nodePort);
      mine.add(port.nodePort);
      held.add(port.nodePort);
    }
  }

  private allocateHealthCheckPort(spec: Spec, old: Spec | undefined, held: Set<number>): void {
    const asked = spec.healthCheckNodePort;
    if (!asked) spec.healthCheckNodePort = this.pickPort(held, 'HealthCheck NodePort 0');
    else if (!(old && needsHealthCheckPort(old) && old.healthCheckNodePort === asked)) {
      const refusal = this.portRefusal(asked, held);
      if (refusal !== undefined)
        throw statusErrors.internal(`failed to allocate requested HealthCheck NodePort ${String(asked)}: ${refusal}`);
    }
  }

  private pickPort(held: ReadonlySet<number>, what: string): number {
    const port = this.options.nodePorts.pick(held, this.options.random);
    if (port === undefined) throw statusErrors.internal(`failed to allocate a ${what}: range is full`);
    return port;
  }

  private portRefusal(port: number, held: ReadonlySet<number>): string | undefined {
    if (!this.options.nodePorts.contains(port))
      return `provided port is not in the valid range. The range of valid ports is ${this.options.nodePorts.toString()}`;
    return held.has(port) ? 'provided port is already allocated' : undefined;
  }
}

/** True unless every family has the address it had. */
function addressesMissing(spec: Spec, old: Spec | undefined): boolean {
  const ips = spec.clusterIPs ?? [];
  if (old === undefined || old.type === 'ExternalName') return true;
  return ips.length < (spec.ipFamilies ?? []).length || ips.some((ip) => !(old.clusterIPs ?? []).includes(ip));
}

function invalid(
  service: corev1.Service,
  path: ReturnType<typeof fieldPath>,
  value: unknown,
  why: string,
): StatusError {
  return statusErrors.invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [
    fieldErrors.invalid(path, value, why),
  ]);
}

import { networkInterfaces } from 'node:os';

/** An IPv4 address of this host that others could reach; undefined on a machine with none but its loopback. */
export function hostAddress(): string | undefined {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { family, internal, address } of addresses ?? [])
      if (family === 'IPv4' && !internal && !address.startsWith('169.254.')) return address;
  return undefined;
}

import { StatusError, failure } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { KubeletAddress } from '@reckon/serve/subresources';
import type { Storage } from '@reckon/store/contract';

export interface KubeletDialerOptions {
  /** Types of addresses, best first (`--kubelet-preferred-address-types`). */
  readonly preferred: readonly string[];
  /** Goes before any address that a Node tells: where all kubelets are known to be. */
  readonly host?: string;
  /** Asked for each connection: files may have changed. */
  readonly client?: () => KubeletAddress['client'];
  /** Likewise. */
  readonly tls: () => NonNullable<KubeletAddress['tls']>;
}

/** Where the kubelet of a node is, as its Node tells (pkg/kubelet/client `NodeConnectionInfoGetter`). */
export function kubeletDialer(
  storage: Pick<Storage, 'newest'>,
  { preferred, host, client, tls }: KubeletDialerOptions,
): (nodeName: string) => KubeletAddress {
  return (nodeName) => {
    const stored = storage.newest({ group: '', resource: 'nodes', namespace: '', name: nodeName });
    if (stored === undefined)
      throw new StatusError(
        failure({ reason: 'InternalError', message: `nodes ${JSON.stringify(nodeName)} not found` }),
      );
    const { addresses = [], daemonEndpoints } = (stored.parse() as unknown as corev1.Node).status ?? {};
    const address =
      host ?? preferred.flatMap((type) => addresses.filter((a) => a.type === type).map((a) => a.address))[0];
    if (address === undefined)
      throw new StatusError(
        failure({
          reason: 'InternalError',
          message: `no preferred addresses found; known addresses: ${JSON.stringify(addresses)}`,
        }),
      );
    const port = daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250;
    const shown = client?.();
    return { host: address, port, tls: tls(), ...(shown === undefined ? {} : { client: shown }) };
  };
}

import type { ApiServerOptions } from '@reckon/serve/http';
import type { KubeletAddress } from '@reckon/serve/subresources';
import type { Storage } from '@reckon/store/contract';
import type { AgentIdentity } from './agent-identities';
import type { AuthorizationMode } from './authorizers';
import type { ComponentProbes } from './component-statuses';
import type { ServingCertificate } from './component-server/serving-certificate';
import type { TlsSecurity } from './component-server/tls-security';
import type { LogFormat } from './log-format';
import type { RetentionRules } from './retention-rules';
import type { ServiceAccountKeys } from './service-account-keys';
import type { Pki } from '@reckon/pki';
import type { RelayOptions } from '@reckon/store/relay';

/** What the server plane can be told, by the flags of `reckon up` or of `reckon apiserver`. */
export interface ServerOptions {
  readonly bindAddress: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How the flag that chooses the port is called. */
  readonly portFlag: string;
  readonly serviceClusterIpRange: string;
  readonly serviceNodePortRange: { readonly from: number; readonly to: number };
  readonly anonymousAuth: boolean;
  readonly tokenAuthFile?: string;
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly authorizationModes: readonly AuthorizationMode[];
  readonly limits?: ApiServerOptions['limits'];
  readonly eventTtlMs?: number;
  /** How long history is kept. */
  readonly retention: RetentionRules;
  /** Names and addresses by which clients may come, besides the usual ones. */
  readonly hosts: readonly string[];
  /** Where the `kubernetes` Service leads; default: an address of this host. */
  readonly advertiseAddress?: string;
  /** By which the server names itself; default: the address that it is advertised by. */
  readonly externalHostname?: string;
  /** Default: the one of the data directory. */
  readonly servingCertificate?: ServingCertificate;
  /** Versions and suites of TLS; default: from version 1.2 on. */
  readonly tls?: TlsSecurity;
  /** PEM of authorities of client certificates, besides the one of the data directory. */
  readonly clientCaPem?: string;
  /** What differs from the keys of the data directory. */
  readonly serviceAccounts?: (own: Pki) => ServiceAccountKeys;
  /** Further tokens that are known. */
  readonly agentTokens?: readonly AgentIdentity[];
  readonly kubelet: (parts: { readonly storage: Storage; readonly pki: Pki }) => (nodeName: string) => KubeletAddress;
  readonly agentsMetrics?: () => Promise<string>;
  /** How scheduler and controllers are asked how they are; default: by their health pages on this machine. */
  readonly componentProbes?: ComponentProbes;
  /** Where the log is published; default: nowhere. */
  readonly relay?: RelayOptions;
  readonly verbosity: number;
  readonly loggingFormat?: LogFormat;
  /** Listen on the socket of the data directory too. */
  readonly hasSocket: boolean;
  readonly signal?: AbortSignal;
  readonly flags?: ApiServerOptions['flags'];
  readonly configz?: ApiServerOptions['configz'];
}

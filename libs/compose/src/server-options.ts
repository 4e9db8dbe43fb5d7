import type { TolerationSeconds } from '@reckon/serve/admission';
import type { ApiServerOptions } from '@reckon/serve/http';
import type { KubeletAddress } from '@reckon/serve/subresources';
import type { Storage } from '@reckon/store/contract';
import type { AgentIdentity } from './agent-identities';
import type { AuditOptions } from './audit/audit-options';
import type { Authorization } from './authorizers';
import type { ComponentProbes } from './component-statuses';
import type { TlsSecurity } from './component-server/tls-security';
import type { AdmissionConfiguration } from './config/admission-config';
import type { LogFormat } from './log-format';
import type { FurtherAuthentication } from './read-authentication';
import type { RetentionRules } from './retention-rules';
import type { EncryptionChoice } from './encryption/follow-encryption';
import type { ServiceAccountKeys } from './service-account-keys';
import type { OpenTlsFiles } from './tls-files';
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
  /** Ways to authenticate beside the usual ones. */
  readonly authentication?: FurtherAuthentication;
  /** Whether the front proxy of the data directory is trusted where `authentication` has no other; default: not. */
  readonly hasOwnFrontProxy?: boolean;
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  /** How long pods stay on a node that is lost, unless they say so themselves. */
  readonly tolerationSeconds?: TolerationSeconds;
  /** What `--admission-control-config-file` says. */
  readonly admissionConfiguration?: AdmissionConfiguration;
  readonly authorization: Authorization;
  readonly limits?: ApiServerOptions['limits'];
  /** Default: HTTP/1.1 alone. */
  readonly http2?: ApiServerOptions['http2'];
  /** How it goes away; default: at once, after the answers in flight. */
  readonly shutdown?: ApiServerOptions['shutdown'];
  /** Whose pages' scripts may read answers; default: nobody's. */
  readonly allowsOrigin?: ApiServerOptions['allowsOrigin'];
  /** What is written down of requests; default: nothing. */
  readonly audit?: AuditOptions;
  /** Requests that are served at once under priority and fairness; absent: `limits` count them, whoever sends them. */
  readonly flowControlSeats?: number;
  readonly eventTtlMs?: number;
  /** How long history is kept. */
  readonly retention: RetentionRules;
  /** Names and addresses by which clients may come, besides the usual ones. */
  readonly hosts: readonly string[];
  /** Where the `kubernetes` Service leads; default: an address of this host. */
  readonly advertiseAddress?: string;
  /** By which the server names itself; default: the address that it is advertised by. */
  readonly externalHostname?: string;
  /** Versions and suites of TLS; default: from version 1.2 on. */
  readonly tls?: TlsSecurity;
  /** Certificates and authorities besides those of the data directory; followed while the server runs. */
  readonly tlsFiles?: OpenTlsFiles;
  /** Sent with every answer as `Strict-Transport-Security`. */
  readonly strictTransportSecurity?: string;
  /** What is encrypted in the log, and with which keys. */
  readonly encryption?: EncryptionChoice;
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

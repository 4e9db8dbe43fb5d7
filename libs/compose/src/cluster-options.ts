import type { ClusterAuthorization } from './cluster-authorization';
import type { LogFormat } from './log-format';
import type { RelayFlags } from './relay-flags';

/** What `reckon up` can be told; the CLI's flags in the shape that the wiring takes. */
export interface ClusterOptions extends ClusterAuthorization {
  readonly dataDir: string;
  readonly bindAddress: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly nodes: number;
  readonly serviceClusterIpRange: string;
  readonly serviceNodePortRange: { readonly from: number; readonly to: number };
  readonly serviceAccountTokenSecrets: 'always' | 'on-request';
  readonly anonymousAuth: boolean;
  readonly tokenAuthFile?: string;
  /** Of `furtherAuthenticationFlags` what was given, by upstream's names. */
  readonly authenticationFlags?: Readonly<Record<string, unknown>>;
  /** `--anonymous-auth` was given. */
  readonly isAnonymousAuthGiven?: boolean;
  /** PEM files of keys of service account tokens: which signs (default: the one of the data directory), and which else may have. */
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountKeyFile?: readonly string[];
  /** What is written down of requests, and where; as the flags of `reckon apiserver`. */
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditWebhookConfigFile?: string;
  readonly enableAdmissionPlugins?: readonly string[];
  readonly disableAdmissionPlugins?: readonly string[];
  readonly admissionControlConfigFile?: string;
  /** A file of stages that says how pods live. */
  readonly podStages?: string;
  /** Speak HTTP/2 to clients that ask for it. */
  readonly http2?: boolean;
  /** Where the log is published. */
  readonly relay?: RelayFlags;
  /** The agents run in processes of their own. */
  readonly isolate?: boolean;
  /** How long history is kept, as `--retention` has it. */
  readonly retention?: string;
  /** What is encrypted in the event log: a file, and whether it is followed. */
  readonly encryptionProviderConfig?: string;
  readonly encryptionProviderConfigAutomaticReload?: boolean;
  /** Default: text on a terminal, json elsewhere. */
  readonly loggingFormat?: LogFormat;
  /** 0 warnings, 1 information, 2 and more everything. */
  readonly verbosity: number;
  /** What `/flagz` shows. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Aborted: the start is given up, and rejects with the signal's reason once everything has stopped. */
  readonly signal?: AbortSignal;
  /** When the person began to wait, on `systemClock`'s monotonic scale; default: the start of the process. */
  readonly beganMs?: number;
  /** Lines for the person at the terminal. */
  readonly say: (line: string) => void;
}

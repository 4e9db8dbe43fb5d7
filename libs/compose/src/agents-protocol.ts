import type { Stage } from '@reckon/node/kubelet';
import type { AgentIdentities } from './agent-identities';
import type { LogFormat } from './log-format';

/** What the embedded agents are started with. */
export interface AgentsData {
  /** How pods live; by default as `defaultStages` has it. */
  readonly stages: readonly Stage[] | undefined;
  readonly socketPath: string;
  readonly identities: AgentIdentities;
  readonly nodes: number;
  readonly version: string;
  readonly verbosity: number;
  readonly loggingFormat?: LogFormat;
  readonly rootCaPem: string;
  /** Signs approved certificate requests; PEM. */
  readonly signingAuthority: { readonly certPem: string; readonly keyPem: string };
  readonly serviceAccountKeyPem: string;
  readonly serviceAccountTokenSecrets: 'always' | 'on-request';
  /** What the apiserver shows when it asks the kubelet. */
  readonly kubeletToken: string;
  /** The certificate of the kubelet's own server. */
  readonly kubeletTls: { readonly cert: string; readonly key: string };
}

export type ToAgents =
  | { readonly type: 'run'; readonly data: AgentsData }
  | { readonly type: 'stop' }
  | { readonly type: 'metrics'; readonly id: number };

export type FromAgents =
  | { readonly type: 'started'; readonly kubeletPort: number }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'metrics'; readonly id: number; readonly text: string };

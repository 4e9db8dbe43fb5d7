import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What Reckon has to do beside answering. Figures tell nothing of each other unless they were measured under the same. */
export interface Conditions {
  /** Audit at Metadata level of every request, into a file. */
  readonly hasAudit: boolean;
  /** The clients are a user whose rights RBAC finds and whose requests take seats; otherwise system:masters, whom both let pass. */
  readonly hasUser: boolean;
  readonly hasHttp2: boolean;
  /** The NATS servers that the relay publishes to. */
  readonly nats?: string;
  /** How much longer than it does a flush of the disk takes, for every server that is started. */
  readonly diskMs?: number;
}

/** Every rule has its stages: what comes is written down before it is served, and again when it is answered. */
const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
`;

/** The flags of `reckon up` that bring it about; files of theirs are made in the folder. */
export function conditionFlags({ hasAudit, nats }: Conditions, folder: string): string[] {
  const file = path.join(folder, 'audit-policy.yaml');
  if (hasAudit) writeFileSync(file, policy);
  return [
    ...(hasAudit ? ['--audit-policy-file', file, '--audit-log-path', path.join(folder, 'audit.log')] : []),
    ...(nats === undefined ? [] : ['--nats', nats]),
  ];
}

/** The line that stands before the figures. */
export function conditionsText({ hasAudit, hasUser, hasHttp2, nats, diskMs }: Conditions): string {
  return [
    `audit: ${hasAudit ? 'Metadata, to a file' : 'off'}`,
    `RBAC and flow control: ${hasUser ? 'on, for the clients too' : 'on, but they let the clients (system:masters) pass'}`,
    `relay: ${nats ?? 'off'}`,
    `disk: ${diskMs === undefined ? 'as it is' : `${String(diskMs)} ms more for each flush`}`,
    `HTTP/2: ${hasHttp2 ? 'on, in the column "beside"' : 'off'}`,
  ].join('; ');
}

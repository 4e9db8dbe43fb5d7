import type { MetricsRegistry } from '@reckon/kernel';
import type { AdmissionAttributes } from '../../plugin';
import type { LevelVersion, modes } from './policy';

type Mode = (typeof modes)[number];

/** What is counted of the plugin. */
export interface PodSecurityMetrics {
  evaluated(attributes: AdmissionAttributes, isGood: boolean, mode: Mode, policy: LevelVersion): void;
  /** A pod of a namespace without rules. */
  passed(attributes: AdmissionAttributes): void;
  exempted(attributes: AdmissionAttributes): void;
  /** A policy that could not be read; fatal where the request fails for it. */
  failed(attributes: AdmissionAttributes, isFatal: boolean): void;
}

const resources: Readonly<Record<string, string>> = { pods: 'pod', namespaces: 'namespace' };
const request = ['request_operation', 'resource', 'subresource'];
const ours = 36;

const labelsOf = ({ operation, row, subresource }: AdmissionAttributes): [string, string, string] => [
  operation.toLowerCase(),
  row.group === '' ? (resources[row.resource] ?? 'controller') : 'controller',
  subresource,
];

/** Names and labels as pod-security-admission/metrics has them. */
export function podSecurityMetrics(metrics: MetricsRegistry): PodSecurityMetrics {
  const evaluations = metrics.counter(
    'pod_security_evaluations_total',
    'Pods held against a policy; without those that are ignored or exempt.',
    ['decision', 'policy_level', 'policy_version', 'mode', ...request],
  );
  const exemptions = metrics.counter(
    'pod_security_exemptions_total',
    'Requests that were exempt; without those that are ignored.',
    request,
  );
  const errors = metrics.counter('pod_security_errors_total', 'Policies that could not be read.', [
    'fatal',
    ...request,
  ]);
  /** Of pods in namespaces without rules, which most are. */
  const usual = new Map<string, (amount: number) => void>();
  for (const operation of ['create', 'update']) {
    const count = evaluations.of('allow', 'privileged', 'latest', 'enforce', operation, 'pod', '');
    count(0);
    usual.set(operation.toUpperCase(), count);
    for (const resource of ['pod', 'controller']) exemptions.add(0, operation, resource, '');
  }
  return {
    evaluated(attributes, isGood, mode, { level, version }) {
      const shown =
        version === 'latest' || level === 'privileged' ? 'latest' : version > ours ? 'future' : `v1.${String(version)}`;
      evaluations.add(1, isGood ? 'allow' : 'deny', level, shown, mode, ...labelsOf(attributes));
    },
    passed({ operation }) {
      usual.get(operation)?.(1);
    },
    exempted(attributes) {
      exemptions.add(1, ...labelsOf(attributes));
    },
    failed(attributes, isFatal) {
      errors.add(1, String(isFatal), ...labelsOf(attributes));
    },
  };
}

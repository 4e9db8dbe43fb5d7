import type { batchv1, corev1 } from '@reckon/api/types';
import type { Pod } from '../replica-set/pod-state';

type Rule = batchv1.PodFailurePolicyRule;
type ExitCodes = batchv1.PodFailurePolicyOnExitCodesRequirement;

interface PolicyMatch {
  /** Of the first rule that matches. */
  readonly action?: 'Ignore' | 'FailIndex' | 'Count' | 'FailJob';
  /** The failure counts towards the back-off limits. */
  readonly counts: boolean;
  /** Why the whole job fails. */
  readonly failJobMessage?: string;
}

/** What the policy says of a failed pod (`matchPodFailurePolicy`); without a policy, or a rule that matches, its failure counts. */
export function matchPodFailurePolicy(policy: batchv1.PodFailurePolicy | undefined, pod: Pod): PolicyMatch {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const found = whatMatches(rule, pod);
    if (found === undefined) continue;
    switch (rule.action) {
      case 'Ignore':
        return { action: 'Ignore', counts: false };
      case 'FailIndex':
        return { action: 'FailIndex', counts: true };
      case 'Count':
        return { action: 'Count', counts: true };
      case 'FailJob':
        return {
          action: 'FailJob',
          counts: true,
          failJobMessage: `${found} matching FailJob rule at index ${String(index)}`,
        };
    }
  }
  return { counts: true };
}

/** What of the pod the rule matches, in words. */
function whatMatches({ onExitCodes, onPodConditions }: Rule, pod: Pod): string | undefined {
  const podName = `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {};
  if (onExitCodes !== undefined) {
    const container = [...containerStatuses, ...initContainerStatuses].find((s) => hasExitCode(s, onExitCodes));
    if (container === undefined) return undefined;
    return `Container ${container.name} for pod ${podName} failed with exit code ${String(container.state?.terminated?.exitCode)}`;
  }
  const condition = conditions.find((c) =>
    onPodConditions?.some((pattern) => pattern.type === c.type && pattern.status === c.status),
  );
  return condition === undefined ? undefined : `Pod ${podName} has condition ${condition.type}`;
}

function hasExitCode({ name, state }: corev1.ContainerStatus, { containerName, operator, values }: ExitCodes): boolean {
  const code = state?.terminated?.exitCode;
  if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) return false;
  const isListed = values.includes(code);
  return operator === 'In' ? isListed : operator === 'NotIn' && !isListed;
}

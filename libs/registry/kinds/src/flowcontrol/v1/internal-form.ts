import type { flowcontrolv1 } from '@reckon/api/types';

/** Specs as upstream's internal types print them in messages: Go's field names, every field, null where there is nothing. */
export const flowSchemaSpecForm = (spec: flowcontrolv1.FlowSchemaSpec): object => ({
  PriorityLevelConfiguration: { Name: spec.priorityLevelConfiguration.name },
  MatchingPrecedence: spec.matchingPrecedence,
  DistinguisherMethod: spec.distinguisherMethod === undefined ? null : { Type: spec.distinguisherMethod.type },
  Rules:
    spec.rules?.map((rule) => ({
      Subjects: rule.subjects?.map(subjectForm) ?? null,
      ResourceRules: rule.resourceRules?.map(resourceRuleForm) ?? null,
      NonResourceRules:
        rule.nonResourceRules?.map((one) => ({
          Verbs: one.verbs ?? null,
          NonResourceURLs: one.nonResourceURLs ?? null,
        })) ?? null,
    })) ?? null,
});

const subjectForm = ({ kind, user, group, serviceAccount }: flowcontrolv1.Subject): object => ({
  Kind: kind,
  User: user === undefined ? null : { Name: user.name },
  Group: group === undefined ? null : { Name: group.name },
  ServiceAccount:
    serviceAccount === undefined ? null : { Namespace: serviceAccount.namespace, Name: serviceAccount.name },
});

const resourceRuleForm = (rule: flowcontrolv1.ResourcePolicyRule): object => ({
  Verbs: rule.verbs ?? null,
  APIGroups: rule.apiGroups ?? null,
  Resources: rule.resources ?? null,
  ClusterScope: rule.clusterScope ?? false,
  Namespaces: rule.namespaces ?? null,
});

export function priorityLevelSpecForm({ type, limited, exempt }: flowcontrolv1.PriorityLevelConfigurationSpec): object {
  const queuing = limited?.limitResponse?.queuing;
  return {
    Type: type,
    Limited:
      limited === undefined
        ? null
        : {
            NominalConcurrencyShares: limited.nominalConcurrencyShares ?? 0,
            LimitResponse: {
              Type: limited.limitResponse?.type ?? '',
              Queuing:
                queuing === undefined
                  ? null
                  : {
                      Queues: queuing.queues,
                      HandSize: queuing.handSize,
                      QueueLengthLimit: queuing.queueLengthLimit,
                    },
            },
            LendablePercent: limited.lendablePercent ?? null,
            BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
          },
    Exempt:
      exempt === undefined
        ? null
        : {
            NominalConcurrencyShares: exempt.nominalConcurrencyShares ?? null,
            LendablePercent: exempt.lendablePercent ?? null,
          },
  };
}

import type { RawField } from './facts';

/**
 * The aggregator's types are linked into neither kubectl nor helm, so the reflected facts lack them.
 * Written from the API reference of apiregistration.k8s.io/v1 and its protobuf numbers.
 */
const base = 'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1.';
const meta = 'k8s.io/apimachinery/pkg/apis/meta/v1.';

function field(go: string, type: string, json: string, number: number, more = ''): RawField {
  return { go, type, tag: `json:"${json}" protobuf:"bytes,${String(number)},opt"${more}` };
}

const typeMeta: RawField = { emb: true, go: 'TypeMeta', tag: 'json:",inline"', type: `${meta}TypeMeta` };

export const apiregistrationStructs: Readonly<Record<string, RawField[]>> = {
  [`${base}APIService`]: [
    typeMeta,
    field('ObjectMeta', `${meta}ObjectMeta`, 'metadata,omitempty', 1),
    field('Spec', `${base}APIServiceSpec`, 'spec,omitempty', 2),
    field('Status', `${base}APIServiceStatus`, 'status,omitempty', 3),
  ],
  [`${base}APIServiceList`]: [
    typeMeta,
    field('ListMeta', `${meta}ListMeta`, 'metadata,omitempty', 1),
    field('Items', `[]${base}APIService`, 'items', 2),
  ],
  [`${base}APIServiceSpec`]: [
    field('Service', `*${base}ServiceReference`, 'service,omitempty', 1),
    field('Group', 'string', 'group,omitempty', 2),
    field('Version', 'string', 'version,omitempty', 3),
    field('InsecureSkipTLSVerify', 'bool', 'insecureSkipTLSVerify,omitempty', 4),
    field('CABundle', '[]uint8', 'caBundle,omitempty', 5),
    field('GroupPriorityMinimum', 'int32', 'groupPriorityMinimum', 7),
    field('VersionPriority', 'int32', 'versionPriority', 8),
  ],
  [`${base}APIServiceStatus`]: [
    field(
      'Conditions',
      `[]${base}APIServiceCondition`,
      'conditions,omitempty',
      1,
      ' patchStrategy:"merge" patchMergeKey:"type"',
    ),
  ],
  [`${base}APIServiceCondition`]: [
    field('Type', `${base}APIServiceConditionType<string>`, 'type', 1),
    field('Status', `${base}ConditionStatus<string>`, 'status', 2),
    field('LastTransitionTime', `${meta}Time`, 'lastTransitionTime,omitempty', 3),
    field('Reason', 'string', 'reason,omitempty', 4),
    field('Message', 'string', 'message,omitempty', 5),
  ],
  [`${base}ServiceReference`]: [
    field('Namespace', 'string', 'namespace,omitempty', 1),
    field('Name', 'string', 'name,omitempty', 2),
    field('Port', '*int32', 'port,omitempty', 3),
  ],
};

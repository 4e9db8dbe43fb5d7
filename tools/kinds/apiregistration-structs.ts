import type { ReflectedField } from './go-binary/reflected-structs';
import { type GoType, shortName } from './go-type';

/**
 * The aggregator's types are linked into neither kubectl nor helm, so the reflected facts lack them.
 * Written from the API reference of apiregistration.k8s.io/v1 and its protobuf numbers.
 */
const base = 'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1.';
const meta = 'k8s.io/apimachinery/pkg/apis/meta/v1.';

const string: GoType = { form: 'basic', name: 'string' };
const int32: GoType = { form: 'basic', name: 'int32' };
const bool: GoType = { form: 'basic', name: 'bool' };
const named = (name: string, under?: GoType): GoType => ({
  form: 'named',
  name: shortName(name),
  ...(under === undefined ? {} : { under }),
});
const listOf = (of: GoType): GoType => ({ form: 'slice', of });
const pointerTo = (of: GoType): GoType => ({ form: 'pointer', of });

function field(name: string, type: GoType, json: string, number: number, more = ''): ReflectedField {
  return { name, type, tag: `json:"${json}" protobuf:"bytes,${String(number)},opt"${more}`, embedded: false };
}

const typeMeta: ReflectedField = {
  name: 'TypeMeta',
  tag: 'json:",inline"',
  type: named(`${meta}TypeMeta`),
  embedded: true,
};

export const apiregistrationStructs: Readonly<Record<string, ReflectedField[]>> = {
  [`${base}APIService`]: [
    typeMeta,
    field('ObjectMeta', named(`${meta}ObjectMeta`), 'metadata,omitempty', 1),
    field('Spec', named(`${base}APIServiceSpec`), 'spec,omitempty', 2),
    field('Status', named(`${base}APIServiceStatus`), 'status,omitempty', 3),
  ],
  [`${base}APIServiceList`]: [
    typeMeta,
    field('ListMeta', named(`${meta}ListMeta`), 'metadata,omitempty', 1),
    field('Items', listOf(named(`${base}APIService`)), 'items', 2),
  ],
  [`${base}APIServiceSpec`]: [
    field('Service', pointerTo(named(`${base}ServiceReference`)), 'service,omitempty', 1),
    field('Group', string, 'group,omitempty', 2),
    field('Version', string, 'version,omitempty', 3),
    field('InsecureSkipTLSVerify', bool, 'insecureSkipTLSVerify,omitempty', 4),
    field('CABundle', listOf({ form: 'basic', name: 'uint8' }), 'caBundle,omitempty', 5),
    field('GroupPriorityMinimum', int32, 'groupPriorityMinimum', 7),
    field('VersionPriority', int32, 'versionPriority', 8),
  ],
  [`${base}APIServiceStatus`]: [
    field(
      'Conditions',
      listOf(named(`${base}APIServiceCondition`)),
      'conditions,omitempty',
      1,
      ' patchStrategy:"merge" patchMergeKey:"type"',
    ),
  ],
  [`${base}APIServiceCondition`]: [
    field('Type', named(`${base}APIServiceConditionType`, string), 'type', 1),
    field('Status', named(`${base}ConditionStatus`, string), 'status', 2),
    field('LastTransitionTime', named(`${meta}Time`), 'lastTransitionTime,omitempty', 3),
    field('Reason', string, 'reason,omitempty', 4),
    field('Message', string, 'message,omitempty', 5),
  ],
  [`${base}ServiceReference`]: [
    field('Namespace', string, 'namespace,omitempty', 1),
    field('Name', string, 'name,omitempty', 2),
    field('Port', pointerTo(int32), 'port,omitempty', 3),
  ],
};

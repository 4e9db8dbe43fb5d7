import type { KindRegistry } from '@reckon/api/kinds';
import type { KubeObject, StatusError } from '@reckon/api/machinery';
import { amountTexts, evaluatorOf } from '@reckon/api/quota';
import {
  type ManagedFieldsType,
  type RequestContext,
  createManagedFieldsTypes,
  plainFailure,
  recordManagedFields,
} from '@reckon/registry/generic';
import type { Change, Storage } from '@reckon/store/contract';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { type Charge, type Quota, QuotaRefusal, chargesOf } from './quota-charge';
import type { LimitedResource } from './quota-configuration';

const quotas = { group: '', resource: 'resourcequotas' };
const none: readonly Change[] = [];
/** Who charges: upstream's server writes the status by a client of its own. */
const server = { manager: 'kube-apiserver', subresource: 'status', apiVersion: 'v1', resetFields: undefined };

export interface ResourceQuotaParts {
  readonly objects: ObjectReader;
  readonly storage: Pick<Storage, 'newest' | 'count'>;
  readonly limited: readonly LimitedResource[];
  /** Says what is owned of a quota's status; absent: the owner is not recorded. */
  readonly kinds?: Pick<KindRegistry, 'kind' | 'types' | 'plans'> | undefined;
}

/**
 * Keeps namespaces within their quotas. What an object takes is written into the quota's status in the append of the object itself,
 * decided on the newest state, in flight included: of two that want the last of something one gets it, and a create that fails takes
 * nothing. Upstream updates the quota first and leaks where the object then is not made. What goes is given back by the controller.
 */
export function resourceQuota({ objects, storage, limited, kinds }: ResourceQuotaParts): AdmissionPlugin {
  let fields: ManagedFieldsType | undefined;
  /** Compiled when the first quota is charged. */
  const fieldsType = (): ManagedFieldsType | undefined => {
    const type = kinds?.kind('', 'v1', 'ResourceQuota')?.type;
    if (fields === undefined && kinds !== undefined && type !== undefined)
      fields = createManagedFieldsTypes(kinds)(type);
    return fields;
  };
  const changeFor = ({ quota, used }: Charge, namespace: string, { nowMs }: RequestContext): Change => {
    const key = { ...quotas, namespace, name: quota.metadata.name ?? '' };
    const revision = storage.newest(key)?.revision;
    if (revision === undefined) throw new Error('a quota was listed and is not there');
    // Readers share the parsed quota: a copy of what the append writes to.
    const object = { ...quota, metadata: { ...quota.metadata }, status: { ...quota.status, used: amountTexts(used) } };
    const type = fieldsType();
    if (type !== undefined) recordManagedFields(type, quota, object, { ...server, nowMs });
    return { key, verb: 'update', previous: revision, object };
  };

  return {
    name: 'ResourceQuota',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    companions(attributes) {
      const { row, namespace, object, operation } = attributes;
      if (!row.namespaced || namespace === '' || object === undefined) return none;
      // A quota that is still in flight has no status yet, and limits nothing.
      if (limited.length === 0 && storage.count(quotas) === 0) return none;
      const all = objects.list<Quota>(quotas, namespace);
      if (all.length === 0 && limited.length === 0) return none;
      const evaluator = evaluatorOf(row);
      if (evaluator === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return none;
      try {
        const charges = chargesOf(evaluator, writeOf(attributes, operation, object), all, limited);
        return charges.map((charge) => changeFor(charge, namespace, attributes.ctx));
      } catch (error) {
        throw error instanceof QuotaRefusal ? refusal(attributes, error) : error;
      }
    },
  };
}

const writeOf = (
  { subresource, oldObject, ctx }: AdmissionAttributes,
  operation: 'CREATE' | 'UPDATE',
  object: KubeObject,
): Parameters<typeof chargesOf>[1] => ({ operation, subresource, object, old: oldObject, nowMs: ctx.nowMs });

const refusal = (attributes: AdmissionAttributes, { message, isForbidden }: QuotaRefusal): StatusError =>
  isForbidden ? admissionForbidden(attributes, message) : plainFailure(message);

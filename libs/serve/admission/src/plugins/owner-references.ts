import type { KindRegistry } from '@reckon/api/kinds';
import { goQuote, parseApiVersion, semanticEqual } from '@reckon/api/machinery';
import type { metav1 } from '@reckon/api/types';
import type { Authorizer, AuthzAttributes, Decision } from '@reckon/serve/authz';
import { admissionForbidden } from '../admission-forbidden';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

type OwnerReference = metav1.OwnerReference;
type Rights = Pick<Authorizer, 'authorize'>;

/**
 * Whoever gives an object an owner hands it to the garbage collector: that needs the right to delete it, and the right to hold up an
 * owner's deletion where the reference does so (plugin/pkg/admission/gc).
 */
export function ownerReferencesPermissionEnforcement(
  rights: Rights,
  kinds: Pick<KindRegistry, 'kind'>,
): AdmissionPlugin {
  async function check(attributes: AdmissionAttributes): Promise<void> {
    const { operation, row, subresource, namespace, name } = attributes;
    const ask = (what: Partial<AuthzAttributes>): Decision | Promise<Decision> =>
      rights.authorize({
        user: attributes.ctx.user,
        verb: 'delete',
        isResource: true,
        group: row.group,
        version: row.version,
        resource: row.resource,
        subresource,
        namespace,
        name,
        path: '',
        ...what,
      });
    // What one makes one may own.
    if (operation !== 'CREATE') {
      const { allowed, reason } = await ask({});
      if (!allowed)
        throw admissionForbidden(attributes, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`);
    }
    for (const ref of newlyBlocking(attributes)) {
      const gv = parseApiVersion(ref.apiVersion);
      const owner = gv && kinds.kind(gv.group, gv.version, ref.kind);
      if (owner === undefined)
        throw admissionForbidden(
          attributes,
          `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${ref.apiVersion} Kind ${ref.kind}: ` +
            `no matches for kind ${goQuote(ref.kind)} in version ${goQuote(ref.apiVersion)}`,
        );
      const { allowed, reason } = await ask({
        verb: 'update',
        ...gv,
        resource: owner.resource,
        subresource: 'finalizers',
        namespace: owner.namespaced ? namespace : '',
        name: ref.name,
      });
      if (!allowed)
        throw admissionForbidden(
          attributes,
          `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
        );
    }
  }

  return {
    name: 'OwnerReferencesPermissionEnforcement',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      // Its strategy lets nobody change owners there.
      if (attributes.subresource === 'status' && isAbout(attributes, '', 'pods')) return undefined;
      return isChanged(attributes) ? check(attributes) : undefined;
    },
  };
}

const ownersOf = (object: AdmissionAttributes['object']): readonly OwnerReference[] =>
  object?.metadata.ownerReferences ?? [];

function isChanged({ object, oldObject }: AdmissionAttributes): boolean {
  const [now, before] = [ownersOf(object), ownersOf(oldObject)];
  return now.length !== before.length || now.some((ref, i) => !semanticEqual(ref, before[i]));
}

function newlyBlocking({ object, oldObject }: AdmissionAttributes): readonly OwnerReference[] {
  const blocked = new Set(ownersOf(oldObject).flatMap((r) => (r.blockOwnerDeletion === true ? r.uid : [])));
  return ownersOf(object).filter((ref) => ref.blockOwnerDeletion === true && !blocked.has(ref.uid));
}

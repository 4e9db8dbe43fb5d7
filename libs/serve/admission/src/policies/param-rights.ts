import type { KindRegistry } from '@reckon/api/kinds';
import { fieldErrors, fieldPath, parseApiVersion, semanticEqual, statusErrors } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Authorizer, AuthzAttributes } from '@reckon/serve/authz';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';

const group = 'admissionregistration.k8s.io';
const policies = ['validatingadmissionpolicies', 'mutatingadmissionpolicies'];
const bindings = ['validatingadmissionpolicybindings', 'mutatingadmissionpolicybindings'];

type AnyPolicy = admissionregistrationv1.ValidatingAdmissionPolicy | admissionregistrationv1.MutatingAdmissionPolicy;
type AnyBinding =
  admissionregistrationv1.ValidatingAdmissionPolicyBinding | admissionregistrationv1.MutatingAdmissionPolicyBinding;

export interface ParamRightsParts {
  readonly authorizer: Pick<Authorizer, 'authorize'>;
  readonly kinds: KindRegistry;
  readonly objects: ObjectReader;
}

/**
 * Who makes a policy or a binding must be able to read the parameters that it hands to expressions, or it would tell what it is not
 * theirs to know (pkg/registry/admissionregistration `authorizeCreate`, `authorizeUpdate`). Upstream checks this in the storage: it
 * cannot be switched off.
 */
export function paramRights({ authorizer, kinds, objects }: ParamRightsParts): AdmissionPlugin {
  async function validate(attributes: AdmissionAttributes): Promise<void> {
    const { row } = attributes;
    const problem = policies.includes(row.resource) ? await ofPolicy(attributes) : await ofBinding(attributes);
    if (problem === undefined) return;
    const { name } = attributes;
    const field = policies.includes(row.resource) ? 'paramKind' : 'paramRef';
    throw statusErrors.invalid({ group, kind: row.kind }, name, [
      fieldErrors.forbidden(fieldPath('spec', field), problem),
    ]);
  }

  async function ofPolicy({ ctx, object, oldObject }: AdmissionAttributes): Promise<string | undefined> {
    const { paramKind } = (object as AnyPolicy).spec ?? {};
    if (paramKind == null || semanticEqual(paramKind, (oldObject as AnyPolicy | undefined)?.spec?.paramKind))
      return undefined;
    const asked = { ...resourceOf(paramKind), name: '*', namespace: '*' };
    if (await mayGet(ctx.user, asked)) return undefined;
    const { kind = '', apiVersion = '' } = paramKind;
    return `user ${userText(ctx.user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`;
  }

  async function ofBinding({ ctx, row, object, oldObject }: AdmissionAttributes): Promise<string | undefined> {
    const { paramRef, policyName = '' } = (object as AnyBinding).spec ?? {};
    const old = (oldObject as AnyBinding | undefined)?.spec ?? {};
    if (paramRef == null || (semanticEqual(paramRef, old.paramRef) && policyName === old.policyName)) return undefined;
    const resource = row.resource.replace('policybindings', 'policies');
    const policy = objects.get<AnyPolicy>({ group, resource }, '', policyName);
    const asked = {
      ...resourceOf(policy?.spec?.paramKind ?? undefined),
      name: paramRef.name ?? '',
      namespace: paramRef.namespace ?? '',
    };
    if (await mayGet(ctx.user, asked)) return undefined;
    return `user ${userText(ctx.user)} does not have "get" permission on the object referenced by paramRef`;
  }

  /** What is not known stands for everything. */
  function resourceOf(
    paramKind: admissionregistrationv1.ParamKind | undefined,
  ): Pick<AuthzAttributes, 'group' | 'version' | 'resource'> {
    const version = paramKind === undefined ? undefined : parseApiVersion(paramKind.apiVersion ?? '');
    if (version === undefined) return { group: '*', version: '*', resource: '*' };
    const resource = kinds.kind(version.group, version.version, paramKind?.kind ?? '')?.resource ?? '*';
    return { ...version, resource };
  }

  async function mayGet(
    user: AuthzAttributes['user'],
    asked: Pick<AuthzAttributes, 'group' | 'version' | 'resource' | 'name' | 'namespace'>,
  ): Promise<boolean> {
    if (user.groups.includes('system:masters')) return true;
    const { allowed } = await authorizer.authorize({
      ...asked,
      user,
      verb: 'get',
      isResource: true,
      subresource: '',
      path: '',
    });
    return allowed;
  }

  return {
    name: 'ParamRights',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate: (attributes) =>
      attributes.row.group === group &&
      attributes.subresource === '' &&
      (policies.includes(attributes.row.resource) || bindings.includes(attributes.row.resource))
        ? validate(attributes)
        : undefined,
  };
}

/** A user.DefaultInfo as Go prints it. */
const userText = ({ name, uid = '', groups, extra = {} }: AuthzAttributes['user']): string => {
  const shown = Object.keys(extra)
    .sort()
    .map((key) => `${key}:[${(extra[key] ?? []).join(' ')}]`);
  return `&{${name} ${uid} [${groups.join(' ')}] map[${shown.join(' ')}]}`;
};

import { fieldErrors, fieldPath, goQuote, semanticEqual, statusErrors } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Authorizer, AuthzAttributes } from '@reckon/serve/authz';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const group = 'resource.k8s.io';
const nodeNameKey = 'authentication.kubernetes.io/node-name';

type Status = resourcev1.ResourceClaimStatus;
type Device = NonNullable<Status['devices']>[number];
type Synthetic = Pick<AuthzAttributes, 'verb' | 'subresource' | 'namespace' | 'name'>;

/**
 * The status of a claim takes more than the right to write it: `binding` to give devices or reserve them, in the whole cluster; and for
 * what a driver says of its devices the right to speak for that driver, on the node of the devices or on any
 * (pkg/registry/resource `AuthorizedForBinding`, `AuthorizedForDeviceStatus`). Upstream checks this in the storage: it cannot be
 * switched off.
 */
export function claimStatusRights(authorizer: Pick<Authorizer, 'authorize'>): AdmissionPlugin {
  async function validate(attributes: AdmissionAttributes): Promise<void> {
    const status = (attributes.object as resourcev1.ResourceClaim).status ?? {};
    const old = (attributes.oldObject as resourcev1.ResourceClaim | undefined)?.status ?? {};
    const problems = [...(await ofBinding(attributes, status, old)), ...(await ofDevices(attributes, status, old))];
    if (problems.length > 0)
      throw statusErrors.invalid({ group, kind: attributes.row.kind }, attributes.name, problems);
  }

  async function ofBinding(attributes: AdmissionAttributes, status: Status, old: Status) {
    if (semanticEqual(status.allocation, old.allocation) && semanticEqual(status.reservedFor, old.reservedFor))
      return [];
    const verb = verbOf(attributes);
    const refusal = await refusalOf(attributes, { verb, subresource: 'binding', namespace: '', name: '' });
    if (refusal === undefined) return [];
    const needs = `resource="resourceclaims/binding", verb="${verb}" permission: ${refusal}`;
    const what = `changing status.allocation or status.reservedFor requires ${needs}`;
    return [fieldErrors.forbidden(fieldPath('status'), what)];
  }

  async function ofDevices(attributes: AdmissionAttributes, status: Status, old: Status) {
    const verbs = driverVerbs(attributes, status);
    const problems = [];
    for (const name of changedDrivers(status.devices ?? [], old.devices ?? [])) {
      let first: string | undefined;
      let isAllowed = false;
      for (const verb of verbs) {
        const refusal = await refusalOf(attributes, {
          verb,
          subresource: 'driver',
          namespace: attributes.namespace,
          name,
        });
        isAllowed = refusal === undefined;
        if (isAllowed) break;
        first ??= refusal;
      }
      if (isAllowed) continue;
      const needs = `resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${first ?? ''}`;
      problems.push(fieldErrors.forbidden(fieldPath('status', 'devices'), `changing status.devices requires ${needs}`));
    }
    return problems;
  }

  /** Undefined where it is allowed. */
  async function refusalOf({ ctx, row }: AdmissionAttributes, asked: Synthetic): Promise<string | undefined> {
    const { user } = ctx;
    const { version, resource } = row;
    const { allowed, reason } = await authorizer.authorize({
      ...{ ...asked, user, group, version, resource },
      ...{ isResource: true, path: '' },
    });
    if (allowed) return undefined;
    const named = asked.name === '' ? '' : ` ${goQuote(asked.name)}`;
    const scope = asked.namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(asked.namespace)}`;
    const what = `${resource}/${asked.subresource}`;
    const why = reason === '' ? '' : `: ${reason}`;
    return `${resource}.${group}${named} is forbidden: User ${goQuote(user.name)} cannot ${asked.verb} resource ${goQuote(what)} in API group ${goQuote(group)} ${scope}${why}`;
  }

  return {
    name: 'ClaimStatusRights',
    handles: (operation) => operation === 'UPDATE',
    validate: (attributes) =>
      attributes.subresource === 'status' && isAbout(attributes, group, 'resourceclaims')
        ? validate(attributes)
        : undefined,
  };
}

/** A patch is an update to admission, and no update to authorization. */
const verbOf = ({ ctx }: AdmissionAttributes): string => ctx.verb ?? 'update';

/** What speaks on its own node may be allowed that, or everywhere. */
function driverVerbs(attributes: AdmissionAttributes, { allocation }: Status): string[] {
  const verb = verbOf(attributes);
  const { name, extra = {} } = attributes.ctx.user;
  const own = extra[nodeNameKey] ?? [];
  const isOnItsNode = name.startsWith('system:serviceaccount:') && own.length === 1 && own[0] === nodeOf(allocation);
  return [...(isOnItsNode ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
}

/** The one node that devices are on; undefined where they are not on one alone. */
function nodeOf(allocation: Status['allocation']): string | undefined {
  const [term, ...others] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  const [field, ...further] = term?.matchFields ?? [];
  if (others.length + further.length + (term?.matchExpressions ?? []).length > 0) return undefined;
  if (field?.key !== 'metadata.name' || field.operator !== 'In' || field.values?.length !== 1) return undefined;
  return field.values[0];
}

/** Of which something was added, changed or taken away. */
function changedDrivers(devices: readonly Device[], old: readonly Device[]): string[] {
  const idOf = ({ driver, pool, device, shareID = '' }: Device): string =>
    JSON.stringify([driver, pool, device, shareID]);
  const before = new Map(old.map((device) => [idOf(device), device]));
  const changed = new Set<string>();
  for (const device of devices) {
    if (!semanticEqual(before.get(idOf(device)), device)) changed.add(device.driver);
    before.delete(idOf(device));
  }
  for (const { driver } of before.values()) changed.add(driver);
  return [...changed].sort();
}

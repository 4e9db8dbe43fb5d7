import { type FieldPath, fieldErrors, fieldPath, validateImmutable } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { validateNodeSelector } from '../../core/v1/pod/validation/affinity';
import { type Errors, immutableMessage } from '../../field-checks';
import { checkNodeName, validateCounters, validateDevice } from './device.validation';
import { shownSelectorTerms } from './internal-claim';
import { checkSet } from './list-checks';
import { checkDriverName, checkPoolName } from './resource-names';

const mostDevices = 128;
const mostDevicesWithTaintsOrCounters = 64;
const mostCounterSets = 8;

type Spec = resourcev1.ResourceSliceSpec;

/** `validateResourceSliceSpec`. */
export function validateSliceSpec(spec: Spec, old: Spec | undefined): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  checkDriverName(errors, path.child('driver'), spec.driver);
  validatePool(errors, path.child('pool'), spec.pool);
  if (old !== undefined) {
    errors.push(
      ...validateImmutable(spec.pool.name, old.pool.name, path.child('pool', 'name')),
      ...validateImmutable(spec.driver, old.driver, path.child('driver')),
    );
    if (spec.nodeName !== old.nodeName)
      errors.push(fieldErrors.invalid(path.child('nodeName'), spec.nodeName, immutableMessage));
  }
  validateNodes(errors, path, spec);
  const devices = spec.devices ?? [];
  if ((spec.sharedCounters ?? []).length > 0 && devices.length > 0)
    errors.push(fieldErrors.invalid(path, '', 'only one of `sharedCounters` or `devices` is allowed'));
  const isHeavy = devices.some(
    ({ taints, consumesCounters }) => (taints ?? []).length > 0 || (consumesCounters ?? []).length > 0,
  );
  checkSet(
    errors,
    path.child('devices'),
    devices,
    isHeavy ? mostDevicesWithTaintsOrCounters : mostDevices,
    ({ name }) => name,
    (_, itemPath, device) => {
      const before = old?.devices?.find(({ name }) => name === device.name);
      validateDevice(errors, itemPath, device, before, spec.perDeviceNodeSelection === true);
    },
  );
  checkSet(
    errors,
    path.child('sharedCounters'),
    spec.sharedCounters,
    mostCounterSets,
    ({ name }) => name,
    (_, itemPath, { name, counters }) => {
      validateCounters(errors, itemPath, 'name', name, counters);
    },
  );
  return errors;
}

function validatePool(errors: Errors, path: FieldPath, pool: resourcev1.ResourcePool): void {
  checkPoolName(errors, path.child('name'), pool.name);
  if (pool.resourceSliceCount <= 0)
    errors.push(
      fieldErrors.invalid(path.child('resourceSliceCount'), pool.resourceSliceCount, 'must be greater than zero'),
    );
  if (pool.generation < 0)
    errors.push(
      fieldErrors.invalid(path.child('generation'), pool.generation, 'must be greater than or equal to zero'),
    );
}

const oneOfNodes = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function validateNodes(errors: Errors, path: FieldPath, spec: Spec): void {
  const set: string[] = [];
  const { nodeName, nodeSelector } = spec;
  if (nodeName === '')
    errors.push(fieldErrors.invalid(path.child('nodeName'), '', 'must be either unset or set to a non-empty string'));
  else if (nodeName !== undefined) {
    set.push('`nodeName`');
    checkNodeName(errors, path.child('nodeName'), nodeName);
  }
  if (nodeSelector) {
    set.push('`nodeSelector`');
    const selectorPath = path.child('nodeSelector');
    validateNodeSelector(errors, selectorPath, nodeSelector, 'checked');
    // One term can be merged with those of other slices.
    if ((nodeSelector.nodeSelectorTerms ?? []).length !== 1)
      errors.push(
        fieldErrors.invalid(
          selectorPath.child('nodeSelectorTerms'),
          shownSelectorTerms(nodeSelector),
          'must have exactly one node selector term',
        ),
      );
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field] === true) set.push(`\`${field}\``);
    else if (spec[field] === false)
      errors.push(fieldErrors.invalid(path.child(field), false, 'must be either unset or set to true'));
  }
  if (set.length === 0) errors.push(fieldErrors.required(path, oneOfNodes));
  else if (set.length > 1)
    errors.push(fieldErrors.invalid(path, `{${set.join(', ')}}`, `${oneOfNodes}, but multiple fields are set`));
}

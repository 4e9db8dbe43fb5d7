import { type FieldPath, fieldErrors, semanticEqual } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { validateNodeSelector } from '../../core/v1/pod/validation/affinity';
import { byteLength, checkText, type Errors } from '../../field-checks';
import { validateDns1123Subdomain } from '@reckon/api/machinery';
import { validateCapacityPolicy } from './capacity-policy.validation';
import { validateBinding, validateTaint } from './device-parts.validation';
import { shownAttribute } from './internal-claim';
import { checkItems, checkMap, checkSet } from './list-checks';
import { checkLabel, checkQualifiedName, longestQualifiedName } from './resource-names';

const mostAttributes = 32;
const mostTaints = 16;
const mostConsumptions = 2;
const mostCounters = 32;
const longestValue = 64;

type Device = resourcev1.Device;

/** `validateDevice`. */
export function validateDevice(
  errors: Errors,
  path: FieldPath,
  device: Device,
  old: Device | undefined,
  hasOwnNodes: boolean,
): void {
  checkLabel(errors, path.child('name'), device.name);
  const { attributes, capacity } = device;
  const count = Object.keys(attributes ?? {}).length + Object.keys(capacity ?? {}).length;
  if (count > mostAttributes)
    errors.push(
      fieldErrors.invalid(
        path,
        count,
        `the total number of attributes and capacities must not exceed ${String(mostAttributes)}`,
      ),
    );
  const names = { longestKey: longestQualifiedName };
  checkMap(errors, path.child('attributes'), attributes, names, checkQualifiedName, validateAttribute);
  const isShared = device.allowMultipleAllocations === true;
  checkMap(errors, path.child('capacity'), capacity, names, checkQualifiedName, (_, itemPath, item) => {
    validateCapacity(errors, itemPath.child('requestPolicy'), item, isShared);
  });
  if (old === undefined || !semanticEqual(device.taints, old.taints))
    checkItems(errors, path.child('taints'), device.taints, mostTaints, validateTaint);
  checkSet(
    errors,
    path.child('consumesCounters'),
    device.consumesCounters,
    mostConsumptions,
    ({ counterSet }) => counterSet,
    (_, itemPath, { counterSet, counters }) => {
      validateCounters(errors, itemPath, 'counterSet', counterSet, counters);
    },
  );
  validateOwnNodes(errors, path, device, hasOwnNodes);
  validateBinding(errors, path, device);
}

/** A set of counters that devices share, or what a device takes of one. */
export function validateCounters(
  errors: Errors,
  path: FieldPath,
  nameField: 'name' | 'counterSet',
  name: string,
  counters: Readonly<Record<string, resourcev1.Counter>> | undefined,
): void {
  if (!name) errors.push(fieldErrors.required(path.child(nameField)));
  else checkLabel(errors, path.child(nameField), name);
  const countersPath = path.child('counters');
  if (Object.keys(counters ?? {}).length === 0) errors.push(fieldErrors.required(countersPath));
  // Any quantity will do.
  else checkMap(errors, countersPath, counters, { most: mostCounters, longestKey: 63 }, checkLabel, () => undefined);
}

function validateCapacity(
  errors: Errors,
  path: FieldPath,
  { value, requestPolicy }: resourcev1.DeviceCapacity,
  isShared: boolean,
): void {
  if (!requestPolicy) return;
  if (isShared) validateCapacityPolicy(errors, path, value, requestPolicy);
  else errors.push(fieldErrors.forbidden(path, 'allowMultipleAllocations must be true'));
}

const number = '(?:0|[1-9]\\d*)';
const preRelease = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const semantic = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);

function validateAttribute(errors: Errors, path: FieldPath, attribute: resourcev1.DeviceAttribute): void {
  const { string: text, version } = attribute;
  if (text !== undefined && byteLength(text) > longestValue)
    errors.push(fieldErrors.tooLong(path.child('string'), longestValue));
  if (version !== undefined) {
    const versionPath = path.child('version');
    // What is longer is not matched: nothing good comes of it.
    if (byteLength(version) > longestValue * 4 || !semantic.test(version))
      errors.push(fieldErrors.invalid(versionPath, version, 'must be a string compatible with semver.org spec 2.0.0'));
    if (byteLength(version) > longestValue) errors.push(fieldErrors.tooLong(versionPath, longestValue));
  }
  const set = (['int', 'bool', 'string', 'version'] as const).filter((field) => attribute[field] !== undefined);
  if (set.length !== 1)
    errors.push(
      fieldErrors.invalid(
        path,
        set.length === 0 ? '' : shownAttribute(attribute),
        'exactly one value must be specified',
      ),
    );
}

/** A node's name, as far as a slice can know it. */
export const checkNodeName = (errors: Errors, path: FieldPath, name: string): void =>
  checkText(errors, path, name, validateDns1123Subdomain);

const oneOfNodes =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

function validateOwnNodes(errors: Errors, path: FieldPath, device: Device, hasOwnNodes: boolean): void {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!hasOwnNodes) {
    if (nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined)
      errors.push(
        fieldErrors.invalid(
          path,
          undefined,
          '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
        ),
      );
    return;
  }
  const set: string[] = [];
  if (nodeName !== undefined) {
    if (nodeName === '') errors.push(fieldErrors.invalid(path.child('nodeName'), '', 'must not be empty'));
    else {
      set.push('`nodeName`');
      checkNodeName(errors, path.child('nodeName'), nodeName);
    }
  }
  if (nodeSelector) {
    set.push('`nodeSelector`');
    validateNodeSelector(errors, path.child('nodeSelector'), nodeSelector, 'checked');
  }
  if (allNodes === true) set.push('`allNodes`');
  else if (allNodes === false)
    errors.push(fieldErrors.invalid(path.child('allNodes'), false, 'must be either unset or set to true'));
  if (set.length === 0) errors.push(fieldErrors.required(path, oneOfNodes));
  else if (set.length > 1) errors.push(fieldErrors.invalid(path, `{${set.join(', ')}}`, oneOfNodes));
}

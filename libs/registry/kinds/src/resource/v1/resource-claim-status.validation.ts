import { type FieldPath, FieldError, fieldErrors, ipText, parseCidr, semanticEqual } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import { validateConditions } from '../../condition-checks';
import { validateNodeSelector } from '../../core/v1/pod/validation/affinity';
import { byteLength, checkOneOf, checkRequired, type Errors, immutableMessage } from '../../field-checks';
import { checkRawObject, validateBinding, validateConfiguration } from './device-parts.validation';
import { shownAllocation } from './internal-claim';
import { checkItems, checkSet, checkUnique, itself } from './list-checks';
import { checkRequestReference, checkRequestReferences, type RequestNames } from './request-names';
import { checkDriverName, checkLabel, checkPoolName, checkUid } from './resource-names';

const mostReservations = 256;
const mostResults = 32;
const mostConfigurations = 64;
const mostConditions = 8;
const mostIps = 16;
const longestData = 10 * 1024;
const longestInterface = 256;
const longestHardware = 128;

type Status = resourcev1.ResourceClaimStatus;

interface ClaimStatusChange {
  readonly status: Status;
  readonly old: Status;
  readonly isDeleted: boolean;
  readonly names: RequestNames;
}

/** `validateResourceClaimStatusUpdate`. */
export function validateClaimStatus(errors: Errors, path: FieldPath, change: ClaimStatusChange): void {
  const { status, old, names } = change;
  checkSet(
    errors,
    path.child('reservedFor'),
    status.reservedFor,
    mostReservations,
    ({ uid }) => uid,
    (_, itemPath, consumer) => {
      for (const field of ['resource', 'name', 'uid'] as const)
        checkRequired(errors, itemPath.child(field), consumer[field]);
    },
  );
  const allocated = new Set((status.allocation?.devices?.results ?? []).map(deviceId));
  const devices = status.devices ?? [];
  for (const [i, device] of devices.entries())
    validateDevice(errors, path.child('devices').index(i), device, allocated);
  checkUnique(errors, path.child('devices'), devices, deviceId);
  validateReservations(errors, path.child('reservedFor'), change);
  const { allocation } = status;
  if (!allocation) return;
  const allocationPath = path.child('allocation');
  // What has been allocated was checked then, by rules that may have been looser.
  if (!old.allocation) validateAllocation(errors, allocationPath, allocation, names);
  else if (!semanticEqual(allocation, old.allocation))
    errors.push(fieldErrors.invalid(allocationPath, shownAllocation(allocation), immutableMessage));
}

interface DeviceReference {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

/** `driver/pool/device`, with the share of one that is shared. */
export const deviceId = ({ driver, pool, device, shareID }: DeviceReference): string =>
  `${driver}/${pool}/${device}${shareID ? `/${shareID}` : ''}`;

function validateReservations(errors: Errors, path: FieldPath, { status, old, isDeleted }: ClaimStatusChange): void {
  const reserved = status.reservedFor ?? [];
  if (reserved.length === 0) return;
  if (!status.allocation) {
    errors.push(fieldErrors.forbidden(path, 'may not be specified when `allocated` is not set'));
    return;
  }
  const before = old.reservedFor ?? [];
  if (isDeleted && reserved.some((consumer) => !before.some((one) => semanticEqual(one, consumer))))
    errors.push(
      fieldErrors.forbidden(
        path,
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
      ),
    );
}

/** `validateAllocationResult`. */
function validateAllocation(
  errors: Errors,
  path: FieldPath,
  { devices = {}, nodeSelector }: resourcev1.AllocationResult,
  names: RequestNames,
): void {
  const devicesPath = path.child('devices');
  checkItems(errors, devicesPath.child('results'), devices.results, mostResults, (_, itemPath, result) => {
    checkRequestReference(errors, itemPath.child('request'), result.request, names);
    checkDriverName(errors, itemPath.child('driver'), result.driver);
    checkPoolName(errors, itemPath.child('pool'), result.pool);
    checkLabel(errors, itemPath.child('device'), result.device);
    validateBinding(errors, itemPath, result);
    if (result.shareID !== undefined) checkUid(errors, itemPath.child('shareID'), result.shareID);
  });
  checkItems(errors, devicesPath.child('config'), devices.config, mostConfigurations, (_, itemPath, config) => {
    checkOneOf(errors, itemPath.child('source'), config.source, ['FromClaim', 'FromClass']);
    checkRequestReferences(errors, itemPath.child('requests'), config.requests, names);
    validateConfiguration(errors, itemPath, config, 'new');
  });
  if (nodeSelector) validateNodeSelector(errors, path.child('nodeSelector'), nodeSelector, 'checked');
}

/** `validateDeviceStatus`. */
function validateDevice(
  errors: Errors,
  path: FieldPath,
  device: resourcev1.AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
): void {
  checkDriverName(errors, path.child('driver'), device.driver);
  checkPoolName(errors, path.child('pool'), device.pool);
  checkLabel(errors, path.child('device'), device.device);
  if (device.shareID !== undefined) checkUid(errors, path.child('shareID'), device.shareID);
  const id = deviceId(device);
  // Shown as it calls itself, not as a text is.
  if (!allocated.has(id))
    errors.push(
      new FieldError(
        'FieldValueInvalid',
        path.toString(),
        `Invalid value: ${id}: must be an allocated device in the claim`,
      ),
    );
  const conditions = device.conditions ?? [];
  if (conditions.length > mostConditions)
    errors.push(fieldErrors.tooMany(path.child('conditions'), conditions.length, mostConditions));
  validateConditions(errors, path.child('conditions'), conditions);
  if (device.data !== undefined && device.data !== null)
    checkRawObject(errors, path.child('data'), device.data, 'new', longestData);
  if (device.networkData) validateNetwork(errors, path.child('networkData'), device.networkData);
}

function validateNetwork(errors: Errors, path: FieldPath, network: resourcev1.NetworkDeviceData): void {
  for (const [field, longest] of [
    ['interfaceName', longestInterface],
    ['hardwareAddress', longestHardware],
  ] as const)
    if (byteLength(network[field] ?? '') > longest) errors.push(fieldErrors.tooLong(path.child(field), longest));
  checkSet(errors, path.child('ips'), network.ips, mostIps, itself, (_, itemPath, text) => {
    checkInterfaceAddress(errors, itemPath, text);
  });
}

/** apimachinery/pkg/util/validation `IsValidInterfaceAddress`: an address with the length of its network. */
function checkInterfaceAddress(errors: Errors, path: FieldPath, text: string): void {
  const parsed = parseCidr(text);
  if (parsed === undefined) {
    errors.push(
      fieldErrors.invalid(path, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'),
    );
    return;
  }
  const canonical = `${ipText(parsed.ip)}/${String(parsed.network.prefixLength)}`;
  if (text !== canonical) errors.push(fieldErrors.invalid(path, text, `must be in canonical form ("${canonical}")`));
}

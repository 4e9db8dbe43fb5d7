import type { resourcev1 } from '@reckon/api/types';
import { internalShapes } from '../../internal-shape';

/** pkg/apis/resource/types.go, as far as a message shows a whole struct. */
const shape = internalShapes({
  ResourceClaimSpec: 'Devices:DeviceClaim',
  DeviceClaim: 'Requests:[]DeviceRequest Constraints:[]DeviceConstraint Config:[]DeviceClaimConfiguration',
  DeviceRequest: 'Name:string Exactly:*ExactDeviceRequest FirstAvailable:[]DeviceSubRequest',
  ExactDeviceRequest:
    'DeviceClassName:string Selectors:[]DeviceSelector AllocationMode:string Count:int AdminAccess:* Tolerations:[]DeviceToleration Capacity:*CapacityRequirements',
  DeviceSubRequest:
    'Name:string DeviceClassName:string Selectors:[]DeviceSelector AllocationMode:string Count:int Tolerations:[]DeviceToleration Capacity:*CapacityRequirements',
  DeviceSelector: 'CEL:*CELDeviceSelector=cel',
  CELDeviceSelector: 'Expression:string',
  DeviceToleration: 'Key:string Operator:string Value:string Effect:string TolerationSeconds:*',
  CapacityRequirements: 'Requests:map',
  DeviceConstraint: 'Requests:[] MatchAttribute:* DistinctAttribute:*',
  DeviceClaimConfiguration: 'Requests:[] Opaque:*OpaqueDeviceConfiguration',
  OpaqueDeviceConfiguration: 'Driver:string Parameters:json',
  AllocationResult: 'Devices:DeviceAllocationResult NodeSelector:*NodeSelector AllocationTimestamp:*',
  DeviceAllocationResult: 'Results:[]DeviceRequestAllocationResult Config:[]DeviceAllocationConfiguration',
  DeviceRequestAllocationResult:
    'Request:string Driver:string Pool:string Device:string AdminAccess:* Tolerations:[]DeviceToleration BindingConditions:[] BindingFailureConditions:[] ShareID:*=shareID ConsumedCapacity:map',
  DeviceAllocationConfiguration: 'Source:string Requests:[] Opaque:*OpaqueDeviceConfiguration',
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:string Operator:string Values:[]',
  DeviceAttribute:
    'IntValue:*=int BoolValue:*=bool StringValue:*=string VersionValue:*=version IntValues:[]=ints BoolValues:[]=bools StringValues:[]=strings VersionValues:[]=versions',
});

export const shownClaimSpec = (spec: resourcev1.ResourceClaimSpec): object => shape('ResourceClaimSpec', spec);

/** Metadata are embedded, so they stand beside the claim with the names that clients know. */
export const shownTemplateSpec = (template: resourcev1.ResourceClaimTemplateSpec): object => ({
  ...template.metadata,
  Spec: shownClaimSpec(template.spec),
});

export const shownAllocation = (allocation: resourcev1.AllocationResult): object =>
  shape('AllocationResult', allocation);

export const shownSelectorTerms = (selector: object): unknown => shape('NodeSelector', selector)['NodeSelectorTerms'];

export const shownAttribute = (attribute: resourcev1.DeviceAttribute): object => shape('DeviceAttribute', attribute);

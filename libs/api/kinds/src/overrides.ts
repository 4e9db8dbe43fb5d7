import type { FieldFacts } from './table';

/**
 * Facts that the generated table lacks or has wrong, by `<struct>.<field>`. Kept few: each names its reason.
 * A spec fails when an entry names a field that the table does not have.
 */
export const fieldOverrides: Readonly<Record<string, Partial<Omit<FieldFacts, 'name' | 'type'>>>> = {
  // The schema that upstream applies with is made from the built-in API only: these groups are not in it, yet their
  // published OpenAPI says x-kubernetes-list-type: map.
  'apiextensions/v1.CustomResourceDefinitionStatus.conditions': { listType: { type: 'map', keys: ['type'] } },
  'apiextensions/v1.JSONSchemaProps.x-kubernetes-validations': { listType: { type: 'map', keys: ['rule'] } },
  'apiregistration/v1.APIServiceStatus.conditions': { listType: { type: 'map', keys: ['type'] } },
  // Never stored, so an empty list does not become none: it is its writer's field.
  'authentication/v1.TokenRequestSpec.audiences': { keepsEmpty: true },
  // None stands for the defaults; an empty list of policies is refused.
  'autoscaling/v2.HPAScalingRules.policies': { keepsEmpty: true },
  // Never stored empty, and refused with what was written.
  'batch/v1.PodFailurePolicyOnExitCodesRequirement.values': { keepsEmpty: true },
  'batch/v1.SuccessPolicy.rules': { keepsEmpty: true },
  // A key of imagePullSecrets: a default that is the zero value matters where Go leaves the field out.
  'core/v1.LocalObjectReference.name': { default: '' },
  'core/v1.NodeSelector.nodeSelectorTerms': { keepsEmpty: true },
};

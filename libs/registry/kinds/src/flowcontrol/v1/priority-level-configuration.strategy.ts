import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateConditions } from './conditions';
import { priorityLevelSpecForm } from './internal-form';
import { keepMetadata } from './keep-metadata';
import { mandatoryPriorityLevels } from './mandatory';
import { validatePriorityLevelSpec } from './priority-level.validation';

type Level = flowcontrolv1.PriorityLevelConfiguration;

/** Only v1beta3 knows it, which needs it to tell no shares from the default. */
const roundTripAnnotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

function setPriorityLevelDefaults({ spec }: Level): void {
  if (spec?.exempt !== undefined) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  const limited = spec?.limited;
  if (limited === undefined) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const queuing = limited.limitResponse?.queuing;
  if (queuing === undefined) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

export const priorityLevelConfigurationStrategy: Strategy<Level> = {
  defaults: setPriorityLevelDefaults,
  prepareForCreate: (_ctx, level) => {
    level.status = {};
    level.metadata.generation = 1;
  },
  validate: (_ctx, level) => validatePriorityLevel(level),
  prepareForUpdate: (_ctx, level, old) => {
    keepStatus(level, old);
    countSpecChange(level, old, level.spec, old.spec);
  },
  validateUpdate: (_ctx, level) => validatePriorityLevel(level),
};

export const priorityLevelConfigurationStatusStrategy: Strategy<Level> = {
  resetFields: [['spec'], ['metadata']],
  prepareForUpdate: (_ctx, level, old) => {
    keepSpec(level, old);
    keepMetadata(level, old);
  },
  validateUpdate: (_ctx, level) => {
    const errors: Errors = [];
    validateConditions(errors, fieldPath('status', 'conditions'), level.status?.conditions);
    return errors;
  },
};

function validatePriorityLevel(level: Level): Errors {
  const errors: Errors = [];
  const name = level.metadata.name ?? '';
  const spec = level.spec ?? { type: '' };
  if (Object.hasOwn(level.metadata.annotations ?? {}, roundTripAnnotation))
    errors.push(
      fieldErrors.forbidden(fieldPath('metadata', 'annotations'), `annotation '${roundTripAnnotation}' is forbidden`),
    );
  validatePriorityLevelSpec(errors, name, spec);
  validateFixed(errors, name, spec);
  validateConditions(errors, fieldPath('status', 'conditions'), level.status?.conditions);
  return errors;
}

/** ValidateIfMandatoryPriorityLevelConfigurationObject. */
function validateFixed(errors: Errors, name: string, spec: flowcontrolv1.PriorityLevelConfigurationSpec): void {
  const fixed = mandatoryPriorityLevels.get(name)?.spec;
  if (fixed === undefined) return;
  const refuse = (why: string): void => {
    errors.push(fieldErrors.invalid(fieldPath('spec'), priorityLevelSpecForm(spec), why));
  };
  if (name === 'exempt') {
    if (!semanticEqual({ ...spec, exempt: fixed.exempt }, fixed))
      refuse("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
  } else if (!semanticEqual(spec, fixed)) refuse(`spec of '${name}' must equal the fixed value`);
}

import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import {
  factsOf,
  validateAnyEvent,
  validateStrictCreate,
  validateStrictUpdate,
} from '../../core/v1/event/event.validation';

/**
 * The same events as the core version's, stored once and in that version's form, in which they come here; but what comes
 * in through this version must be complete.
 */
export const eventsEventStrategy: Strategy<corev1.Event> = {
  allowCreateOnUpdate: true,
  defaultPropagation: 'Unsupported',
  validate: (_ctx, event) => {
    const facts = factsOf(event);
    return validateStrictCreate(validateAnyEvent(facts, 'reportingController'), facts);
  },
  validateUpdate: (_ctx, event, old) => {
    const facts = factsOf(event);
    return validateStrictUpdate(validateAnyEvent(facts, 'reportingController'), facts, factsOf(old));
  },
};

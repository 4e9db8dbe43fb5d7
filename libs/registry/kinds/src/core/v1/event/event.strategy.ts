import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { factsOf, validateAnyEvent } from './event.validation';

/** Events of the core version: rules are few, because old clients must go on. */
export const eventStrategy: Strategy<corev1.Event> = {
  allowCreateOnUpdate: true,
  defaultPropagation: 'Unsupported',
  validate: (_ctx, event) => validateAnyEvent(factsOf(event)),
  validateUpdate: (_ctx, event) => validateAnyEvent(factsOf(event)),
};

import { nameIsPathSegment } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../../name-rule';
import { factsOf, validateAnyEvent } from './event.validation';

/** Events of the core version: rules are few, because old clients must go on. */
export const eventStrategy: Strategy<corev1.Event> = {
  allowCreateOnUpdate: true,
  defaultPropagation: 'Unsupported',
  // Whatever an event is about may be part of its name.
  nameRule: nameRule(nameIsPathSegment),
  validate: (_ctx, event) => validateAnyEvent(factsOf(event), 'reportingComponent'),
  validateUpdate: (_ctx, event) => validateAnyEvent(factsOf(event), 'reportingComponent'),
};

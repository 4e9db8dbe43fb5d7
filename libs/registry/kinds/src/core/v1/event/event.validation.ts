import {
  fieldErrors,
  fieldPath,
  semanticEqual,
  validateDns1123Subdomain,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import { byteLength, checkText, type Errors, immutableMessage } from '../../../field-checks';
import { volumeForm } from '../persistent-volume/volume-form';

/** An event with nothing missing, under the names that messages use. */
export interface EventFacts {
  readonly namespace: string;
  readonly eventTime: string | undefined;
  readonly involvedObject: corev1.ObjectReference;
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly action: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly source: corev1.EventSource;
  readonly firstTimestamp: string | undefined;
  readonly lastTimestamp: string | undefined;
  readonly count: number;
  readonly series: { readonly count?: number; readonly lastObservedTime?: string } | undefined;
  readonly related: corev1.ObjectReference | undefined;
}

const text = (value: string | undefined | null): string => value ?? '';
/** A time that Go would have as its zero value. */
const time = (value: string | undefined | null): string | undefined =>
  value == null || value.startsWith('0001-01-01T00:00:00') ? undefined : value;

interface HasMeta {
  readonly metadata: metav1.ObjectMeta;
}

const namespaceOf = ({ metadata }: HasMeta): string => metadata.namespace ?? '';

export function factsOf(event: corev1.Event): EventFacts {
  return {
    namespace: namespaceOf(event),
    eventTime: time(event.eventTime),
    involvedObject: event.involvedObject ?? {},
    reason: text(event.reason),
    message: text(event.message),
    type: text(event.type),
    action: text(event.action),
    reportingController: text(event.reportingComponent),
    reportingInstance: text(event.reportingInstance),
    source: event.source ?? {},
    firstTimestamp: time(event.firstTimestamp),
    lastTimestamp: time(event.lastTimestamp),
    count: event.count ?? 0,
    series: event.series,
    related: event.related,
  };
}

/** What every event must keep to, old clients' too (legacyValidateEvent). `reporter` is the version's name of the field. */
export function validateAnyEvent(facts: EventFacts, reporter: 'reportingComponent' | 'reportingController'): Errors {
  const errors: Errors = [];
  const about = facts.involvedObject.namespace ?? '';
  const mismatch = (): void => {
    errors.push(fieldErrors.invalid(fieldPath('involvedObject', 'namespace'), about, 'does not match event.namespace'));
  };
  if (facts.eventTime === undefined) {
    // Events about cluster-scoped objects go to "default".
    if (about === '') {
      if (facts.namespace !== '' && facts.namespace !== 'default') mismatch();
    } else if (facts.namespace !== about) mismatch();
  } else {
    if (about === '' && facts.namespace !== 'default' && facts.namespace !== 'kube-system') mismatch();
    validateNewEvent(errors, facts, reporter);
  }
  checkText(errors, fieldPath('namespace'), facts.namespace, validateDns1123Subdomain);
  return errors;
}

/** Events with an `eventTime` come from clients that know the newer API. */
function validateNewEvent(errors: Errors, facts: EventFacts, reporter: string): void {
  const limited = (field: string, value: string, most: number): void => {
    if (byteLength(value) > most)
      errors.push(fieldErrors.invalid(fieldPath(field), '', `can have at most ${String(most)} characters`));
  };
  const needed = (field: string, value: string): void => {
    if (value === '') errors.push(fieldErrors.required(fieldPath(field)));
  };
  needed(reporter, facts.reportingController);
  checkText(errors, fieldPath(reporter), facts.reportingController, validateQualifiedName);
  needed('reportingInstance', facts.reportingInstance);
  limited('reportingInstance', facts.reportingInstance, 128);
  needed('action', facts.action);
  limited('action', facts.action, 128);
  needed('reason', facts.reason);
  limited('reason', facts.reason, 128);
  limited('message', facts.message, 1024);
}

/** Creation through events.k8s.io/v1 is strict (ValidateEventCreate). */
export function validateStrictCreate(errors: Errors, facts: EventFacts): Errors {
  validateSeries(errors, facts);
  if (facts.eventTime === undefined) errors.push(fieldErrors.required(fieldPath('eventTime')));
  if (facts.type !== 'Normal' && facts.type !== 'Warning')
    errors.push(fieldErrors.invalid(fieldPath('type'), '', `has invalid value: ${facts.type}`));
  const unset = (field: string): void => {
    errors.push(fieldErrors.invalid(fieldPath(field), '', 'needs to be unset'));
  };
  if (facts.firstTimestamp !== undefined) unset('firstTimestamp');
  if (facts.lastTimestamp !== undefined) unset('lastTimestamp');
  if (facts.count !== 0) unset('count');
  if (facts.source.component || facts.source.host) unset('source');
  return errors;
}

function validateSeries(errors: Errors, { series }: EventFacts): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(fieldErrors.invalid(fieldPath('series.count'), '', 'should be at least 2'));
  if (time(series.lastObservedTime) === undefined)
    errors.push(fieldErrors.required(fieldPath('series.lastObservedTime')));
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingController',
  'reportingInstance',
] as const satisfies readonly (keyof EventFacts)[];

/** Only the series of an event may change through events.k8s.io/v1 (ValidateEventUpdate). */
export function validateStrictUpdate(errors: Errors, facts: EventFacts, old: EventFacts): Errors {
  if (!semanticEqual(facts.series, old.series)) validateSeries(errors, facts);
  for (const field of fixed)
    if (!semanticEqual(facts[field], old[field]))
      errors.push(fieldErrors.invalid(fieldPath(field), shown(facts, field), immutableMessage));
  return errors;
}

/** A field as upstream's messages show it: in the form that has no version. */
function shown(facts: EventFacts, field: (typeof fixed)[number]): unknown {
  if (field === 'source') return { Component: facts.source.component ?? '', Host: facts.source.host ?? '' };
  if (field !== 'involvedObject' && field !== 'related') return facts[field] ?? null;
  const reference = facts[field];
  return reference ? volumeForm('ObjectReference', reference) : null;
}

import type { corev1, eventsv1 } from '@reckon/api/types';
import { type CellContext, columns, nameColumn, since } from './column';

type AnyEvent = corev1.Event | eventsv1.Event;

/** The two versions of an event, as one. */
interface Told {
  readonly first: string | null | undefined;
  readonly last: string | null | undefined;
  readonly eventTime: string | null | undefined;
  readonly seriesTime: string | null | undefined;
  readonly count: number;
  readonly about: corev1.ObjectReference;
  readonly component: string;
  readonly host: string;
  readonly message: string;
}

function toldBy(event: AnyEvent): Told {
  if (event.apiVersion === 'events.k8s.io/v1') {
    const e = event as eventsv1.Event;
    return {
      first: e.deprecatedFirstTimestamp,
      last: e.deprecatedLastTimestamp,
      eventTime: e.eventTime,
      seriesTime: e.series?.lastObservedTime,
      count: e.series?.count ?? e.deprecatedCount ?? 0,
      about: e.regarding ?? {},
      component: firstFilled(e.deprecatedSource?.component, e.reportingController),
      host: firstFilled(e.deprecatedSource?.host, e.reportingInstance),
      message: e.note ?? '',
    };
  }
  const e = event as corev1.Event;
  return {
    first: e.firstTimestamp,
    last: e.lastTimestamp,
    eventTime: e.eventTime,
    seriesTime: e.series?.lastObservedTime,
    count: e.series?.count ?? e.count ?? 0,
    about: e.involvedObject,
    component: firstFilled(e.source?.component, e.reportingComponent),
    host: firstFilled(e.source?.host, e.reportingInstance),
    message: e.message ?? '',
  };
}

const firstFilled = (a: string | undefined, b: string | undefined): string =>
  a !== undefined && a !== '' ? a : (b ?? '');

function firstSeen(event: AnyEvent, context: CellContext): string {
  const told = toldBy(event);
  return since(told.first ?? told.eventTime, context);
}

function lastSeen(event: AnyEvent, context: CellContext): string {
  const told = toldBy(event);
  if (event.series !== undefined) return since(told.seriesTime, context);
  return told.last === undefined || told.last === null ? firstSeen(event, context) : since(told.last, context);
}

export const eventColumns = columns<AnyEvent>([
  { name: 'Last Seen', description: ['core/v1.Event', 'lastTimestamp'], cell: lastSeen },
  { name: 'Type', description: ['core/v1.Event', 'type'], cell: (event) => event.type ?? '' },
  { name: 'Reason', description: ['core/v1.Event', 'reason'], cell: (event) => event.reason ?? '' },
  {
    name: 'Object',
    description: 'The object that this event is about.',
    cell: (event) => {
      const { kind = '', name = '' } = toldBy(event).about;
      return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
    },
  },
  {
    name: 'Subobject',
    priority: 1,
    description: ['core/v1.ObjectReference', 'fieldPath'],
    cell: (event) => toldBy(event).about.fieldPath ?? '',
  },
  {
    name: 'Source',
    priority: 1,
    description: 'The component reporting this event. Should be a short machine understandable string.',
    cell: (event) => {
      const { component, host } = toldBy(event);
      return host === '' ? component : `${component}, ${host}`;
    },
  },
  { name: 'Message', description: ['core/v1.Event', 'message'], cell: (event) => toldBy(event).message.trim() },
  { name: 'First Seen', priority: 1, description: ['core/v1.Event', 'firstTimestamp'], cell: firstSeen },
  {
    name: 'Count',
    priority: 1,
    description: ['core/v1.Event', 'count'],
    // New-style single events carry none.
    cell: (event) => toldBy(event).count || 1,
  },
  { ...nameColumn, priority: 1 },
]);

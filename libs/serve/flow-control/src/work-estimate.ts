import type { StorageResource } from '@reckon/store/contract';
import type { FlowRequest } from './flow-request';

const bytesPerSeat = 100_000;
/** A list from memory is sent object by object: more than this of it is never there at once. */
const mostStreamedBytes = 1_000_000;
const mostSeats = 100;
/** No single list takes more than this part of its level. */
const mostOfLevel = 0.15;

/** What is known of the objects of a resource. */
export interface ObjectStatistics {
  count(resource: StorageResource): number;
  /** Of one object, on average. */
  bytes(resource: StorageResource): number;
}

/**
 * Seats of a request: a list, and a watch that begins with one, by the bytes that it goes through; everything else one
 * (util/flowcontrol/request `listWorkEstimator`). Writes have no seats for the events that they cause: a frame is made once here,
 * whoever watches.
 */
export function seatsOf(info: FlowRequest['info'], nominalSeats: number, objects: ObjectStatistics): number {
  if (!info.isResource) return 1;
  const isWatch = info.verb === 'watch';
  if (!isWatch && info.verb !== 'list') return 1;
  const query = info.query === '' ? undefined : new URLSearchParams(info.query);
  const text = (name: string): string => query?.get(name) ?? '';
  if (isWatch && !beginsWithList(text)) return 1;
  // Of one name it is a get.
  const count = info.name === '' ? objects.count(info) : 1;
  if (count === 0) return 1;
  const limit = Number(text('limit'));
  const answered = limit > 0 && limit < count ? limit : count;
  const isSelecting = text('fieldSelector') !== '' || text('labelSelector') !== '';
  const isOld = !isWatch && query !== undefined && isFromHistory(text, limit);
  const loaded = isOld && isSelecting ? Math.max(answered, Math.floor(count / 2)) : answered;
  const bytes = loaded * objects.bytes(info);
  const seats = Math.ceil((isOld ? bytes : Math.min(bytes, mostStreamedBytes)) / bytesPerSeat);
  const most = Math.min(mostSeats, Math.max(1, Math.ceil(nominalSeats * mostOfLevel)));
  return Math.min(most, Math.max(1, seats));
}

/** Asked for by its name, or by no revision as before there was a name for it. */
function beginsWithList(text: (name: string) => string): boolean {
  const asked = text('sendInitialEvents').toLowerCase();
  return (asked !== '' && asked !== '0' && asked !== 'false') || ['', '0'].includes(text('resourceVersion'));
}

/** An exact revision and later pages are read from what upstream has behind its cache (`delegator.ShouldDelegateListMeta`). */
function isFromHistory(text: (name: string) => string, limit: number): boolean {
  const match = text('resourceVersionMatch');
  if (match !== '') return match === 'Exact';
  const version = text('resourceVersion');
  return text('continue') !== '' || (limit > 0 && version !== '' && version !== '0');
}

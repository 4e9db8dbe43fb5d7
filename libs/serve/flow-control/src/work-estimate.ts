import type { StorageResource } from '@reckon/store/contract';
import type { FlowRequest } from './flow-request';

/** Objects that a list of one seat goes through. */
const objectsPerSeat = 100;
const mostSeats = 10;
/** No single list takes more than this part of its level. */
const mostOfLevel = 0.15;

/**
 * Seats of a request: a list, and a watch that begins with one, by the objects that it goes through; everything else one
 * (util/flowcontrol/request `listWorkEstimator`). Writes have no seats for the events that they cause: a frame is made once here,
 * whoever watches.
 */
export function seatsOf(
  info: FlowRequest['info'],
  nominalSeats: number,
  count: (resource: StorageResource) => number,
): number {
  if (!info.isResource) return 1;
  if (info.verb === 'watch' ? !/(?:^|&)sendInitialEvents=(?:true|1)(?:&|$)/.test(info.query) : info.verb !== 'list')
    return 1;
  // Of one name it is a get.
  if (info.name !== '') return 1;
  let objects = count(info);
  if (info.query.includes('limit=')) {
    const limit = Number(new URLSearchParams(info.query).get('limit') ?? 0);
    if (limit > 0 && limit < objects) objects = limit;
  }
  const most = Math.min(mostSeats, Math.max(1, Math.ceil(nominalSeats * mostOfLevel)));
  return Math.min(most, Math.max(1, Math.ceil(objects / objectsPerSeat)));
}

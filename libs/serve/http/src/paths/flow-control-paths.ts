import type { FlowControl } from '@reckon/serve/flow-control';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

/** `/debug/api_priority_and_fairness/…`: levels, queues and requests as comma-separated lines, as upstream's. */
export function flowControlPaths(flowControl: FlowControl | undefined): [string, PathHandler][] {
  if (flowControl === undefined) return [];
  return Object.entries(flowControl.dumps).map(([name, dump]) => [
    `/debug/api_priority_and_fairness/${name}`,
    (exchange) => {
      const includeDetails = (exchange.query.get('includeRequestDetails') ?? '') !== '';
      return respond(exchange, 200, 'text/plain; charset=utf-8', dump(includeDetails));
    },
  ]);
}

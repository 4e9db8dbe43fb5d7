import { parseAccept } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { takes } from '../response/negotiate';
import { respond } from '../response/respond';

export type OpenapiFormat = 'json' | 'protobuf';

/** What may be asked for, and what the answer is called. */
export interface OpenapiOffer {
  readonly asked: string;
  readonly format: OpenapiFormat;
  readonly answered: string;
}

export const jsonOffer: OpenapiOffer = { asked: 'application/json', format: 'json', answered: 'application/json' };

/** The first offer that the client takes, in the order of its wishes; undefined if there is none. */
export function chosenOffer(exchange: Exchange, offers: readonly OpenapiOffer[]): OpenapiOffer | undefined {
  const accept = exchange.header('accept');
  return parseAccept(accept === '' ? '*/*' : accept)
    .map((range) => offers.find(({ asked }) => takes(range, asked)))
    .find((found) => found !== undefined);
}

/** Upstream says nothing more. */
export const refuseTypes = (exchange: Exchange): void | Promise<void> =>
  respond(exchange, 406, 'text/plain; charset=utf-8', '', { headers: ['Vary', 'Accept'] });

import type { OpenapiV2 } from '@reckon/serve/discovery';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import { respondZippedText } from '../response/respond-zipped-text';
import { chosenOffer, jsonOffer, type OpenapiOffer, refuseTypes } from './openapi-offer';
import type { PathHandler } from './path-table';

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** What may be asked for. Answers name the new type even to those who ask for the old one, as upstream does. */
const offers: readonly OpenapiOffer[] = [
  jsonOffer,
  {
    asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    format: 'protobuf',
    answered: protobufType,
  },
  { asked: protobufType, format: 'protobuf', answered: protobufType },
];

/**
 * `/openapi/v2`: one document for everything, as JSON or as gnostic's protobuf, which is what clients that fall back from v3 take
 * (k8s.io/kube-openapi/pkg/handler `OpenAPIService`).
 */
export function openapiV2Path(openapi: OpenapiV2): PathHandler {
  return async (exchange) => {
    const offer = chosenOffer(exchange, offers);
    if (offer === undefined) return refuseTypes(exchange);
    const { zipped, etag } = await openapi.document(offer.format);
    if (exchange.response.destroyed) return;
    const extra = { headers: ['ETag', etag, 'Vary', 'Accept'] };
    if (isKnown(exchange, etag)) return respond(exchange, 304, offer.answered, '', extra);
    return respondZippedText(exchange, offer.answered, zipped, extra);
  };
}

/** `If-None-Match` may name several, as weak ones too (net/http `checkIfNoneMatch`). */
function isKnown(exchange: Exchange, etag: string): boolean {
  const tags = exchange.header('if-none-match').split(',');
  return tags.some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

import { applyFieldValidation, type Decoded } from '@reckon/api/kinds';
import type { GroupVersionKind, KubeObject } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import type { FieldValidation } from '@reckon/api/machinery';

/** Decodes a body as `expected`; what strict decoding finds becomes warnings, or the refusal that `Strict` asks for. */
export function decodeBody(
  exchange: Exchange,
  body: Buffer,
  expected: GroupVersionKind,
  fieldValidation: FieldValidation,
): KubeObject | Promise<KubeObject> {
  const decoded = exchange.server.decoder.decode(body, {
    contentType: exchange.request.headers['content-type'],
    expected,
    strict: fieldValidation !== 'Ignore',
  });
  const checked = (result: Decoded): KubeObject => {
    exchange.audit?.requestObject(result.object);
    if (result.strictErrors.length > 0)
      for (const warning of applyFieldValidation(result, fieldValidation)) exchange.warn(warning);
    return result.object;
  };
  return decoded instanceof Promise ? decoded.then(checked) : checked(decoded);
}

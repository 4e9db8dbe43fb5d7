import { goQuote, isStatus } from '@reckon/api/machinery';
import type { HttpAnswer } from './webhook-client';

export interface HttpFailure {
  readonly message: string;
  readonly code: number;
}

/** What client-go makes of an answer that is no success (api/errors `NewGenericServerResponse`); undefined for a success. */
export function httpFailure(answer: HttpAnswer): HttpFailure | undefined {
  const { code } = answer;
  if (code >= 200 && code <= 206) return undefined;
  return { code, message: statusIn(answer.body) ?? messageOf(code, shownBody(answer)) };
}

function messageOf(code: number, shown: string): string {
  const known = messages[code];
  if (known !== undefined) return known;
  if (code === 403 || code === 415 || code === 406) return shown;
  return code >= 500
    ? `an error on the server (${goQuote(shown)}) has prevented the request from succeeding`
    : `the server responded with the status code ${String(code)} but did not return more information`;
}

const messages: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

function statusIn(body: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isStatus(value) && value.status === 'Failure' ? value.message : undefined;
  } catch (error) {
    // Then it is text.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const mostShown = 2048;

/** Only text is shown (client-go/rest `newUnstructuredResponseError`). */
function shownBody({ contentType, body }: HttpAnswer): string {
  if (contentType !== '' && !contentType.startsWith('text/')) return 'unknown';
  const text = body.toString('utf8', 0, mostShown);
  return body.length > mostShown ? text : text.trim();
}

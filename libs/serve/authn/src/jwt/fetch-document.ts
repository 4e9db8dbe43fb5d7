import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Timers } from '@reckon/kernel';

/** What a provider answered. */
export interface FetchedDocument {
  readonly text: string;
  /** `Cache-Control: max-age`, if it says so. */
  readonly maxAgeMs: number | undefined;
}

export interface FetchOptions {
  /** PEM; undefined: the authorities of this machine. */
  readonly caPem: string | undefined;
  readonly bearer?: string;
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

const longestMs = 30_000;
const longestDocument = 1024 * 1024;
const mostRedirects = 10;

/** GET over HTTPS, redirects to HTTPS followed. Rejects for whatever is no 200. */
export async function fetchDocument(url: string, options: FetchOptions): Promise<FetchedDocument> {
  const abort = new AbortController();
  const cancel = options.timers.after(longestMs, () => {
    abort.abort(new Error(`Get ${JSON.stringify(url)}: no answer in ${longestMs / 1000} s`));
  });
  try {
    let next = url;
    for (let i = 0; i <= mostRedirects; i++) {
      const answer = await fetchOnce(next, options, AbortSignal.any([abort.signal, options.signal]));
      if ('text' in answer) return answer;
      // Whom the token is for is not told to others.
      if (options.bearer !== undefined && new URL(answer.location, next).origin !== new URL(next).origin)
        throw new Error(`Get ${JSON.stringify(url)}: redirected to another server`);
      next = new URL(answer.location, next).href;
    }
    throw new Error(`Get ${JSON.stringify(url)}: stopped after ${mostRedirects} redirects`);
  } finally {
    cancel();
  }
}

function fetchOnce(
  url: string,
  { caPem, bearer }: FetchOptions,
  signal: AbortSignal,
): Promise<FetchedDocument | { readonly location: string }> {
  return new Promise((resolve, reject) => {
    if (!url.startsWith('https://')) {
      reject(new Error(`Get ${JSON.stringify(url)}: only https is asked`));
      return;
    }
    const sent = request(
      url,
      {
        signal,
        agent: false,
        ...(caPem === undefined ? {} : { ca: caPem }),
        ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        if ([301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined) {
          response.resume();
          resolve({ location: headers.location });
          return;
        }
        textOf(response).then((text) => {
          if (statusCode === 200) resolve({ text, maxAgeMs: maxAgeOf(headers['cache-control']) });
          else reject(new Error(`Get ${JSON.stringify(url)}: ${statusCode} ${response.statusMessage ?? ''}`.trim()));
        }, reject);
      },
    );
    sent.once('error', (error) => {
      reject(signal.aborted ? (signal.reason as Error) : new Error(`Get ${JSON.stringify(url)}: ${error.message}`));
    });
    sent.end();
  });
}

function maxAgeOf(cacheControl: string | undefined): number | undefined {
  const [, seconds] = /(?:^|,)\s*max-age=(\d{1,9})\s*(?:,|$)/i.exec(cacheControl ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestDocument) response.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.once('error', reject);
    response.once('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

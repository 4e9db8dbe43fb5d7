import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import type { Timers } from '@reckon/kernel';

/** Why a probe failed, in one line. */
export class ProbeError extends Error {
  readonly code = 'Probe';
}

export interface ProbeOptions {
  /** For the whole answer's head, from the start. */
  readonly timeoutMs: number;
  readonly timers: Timers;
  /** PEM. Without it nobody verifies who answers, as with the probes of a kubelet (pkg/probe/http `New`). */
  readonly caFile?: string;
}

/** Resolves if the URL answers 200 in time; a redirect is no 200. Throws `ProbeError`. */
export async function probe(text: string, { timeoutMs, timers, caFile }: ProbeOptions): Promise<void> {
  const url = urlOf(text);
  const tls = caFile === undefined ? { rejectUnauthorized: false } : { ca: readCa(caFile) };
  const status = await new Promise<number>((resolve, reject) => {
    const failed = (why: string): void => {
      reject(new ProbeError(`${text} ${why}`));
    };
    const options = { agent: false, headers: { 'user-agent': 'reckon-probe' } };
    const request = url.protocol === 'https:' ? getHttps(url, { ...options, ...tls }) : getHttp(url, options);
    const cancel = timers.after(timeoutMs, () => {
      failed(`did not answer in ${String(timeoutMs / 1_000)} s`);
      request.destroy();
    });
    request.once('response', (response) => {
      response.on('error', () => undefined); // Nobody reads what follows the head.
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    request.once('error', (error) => {
      failed(`cannot be asked: ${reasonOf(error)}`);
    });
    request.once('close', () => {
      cancel();
      failed('closed the connection without an answer');
    });
  });
  if (status !== 200) throw new ProbeError(`${text} answered ${String(status)}`);
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new ProbeError(`${text} is no URL like https://127.0.0.1:6443/readyz`);
  return url;
}

function readCa(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ProbeError(`--ca: ${reasonOf(cause as Error)}`, { cause });
  }
  try {
    new X509Certificate(pem);
  } catch (cause) {
    // Node would take such a text for an empty list of authorities, and blame the server.
    throw new ProbeError(`--ca: ${file} holds no certificate in PEM`, { cause });
  }
  return pem;
}

/** A host name with several addresses fails with several errors, and then the message is empty. */
function reasonOf(error: Error & { readonly errors?: readonly Error[] }): string {
  const { message } = error.errors?.[0] ?? error;
  return message.split('\n')[0] ?? '';
}

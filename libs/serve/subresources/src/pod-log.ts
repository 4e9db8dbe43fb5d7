import { StatusError, failure, isStatus, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ResourceStore } from '@reckon/registry/generic';
import type { ConnectCall, ConnectHandler } from '@reckon/serve/http';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { containerOf } from './container-of';
import { podLogOptions } from './pod-log-options';

/** How to speak to the kubelet of a node. */
export interface KubeletAddress {
  readonly host: string;
  readonly port: number;
  /** Shown as `Authorization: Bearer`. */
  readonly token?: string;
  /** The client certificate that is shown, PEM. */
  readonly client?: { readonly cert: string; readonly key: string };
  /** The authority that verifies the kubelet's certificate, or that any is taken; absent: plain HTTP. */
  readonly tls?: { readonly caPem: string } | 'unverified';
}

/** The kubelet of a node; throws StatusError when it cannot be reached. */
export type KubeletDialer = (nodeName: string) => KubeletAddress;

/** `pods/log`: asks the kubelet of the pod's node, and hands on what it answers (registry/core/pod.LogLocation). */
export function podLogHandler(pods: ResourceStore, dial: KubeletDialer): ConnectHandler {
  return async (call) => {
    const query = podLogOptions(call.query, call.name);
    const stored = await pods.get(call.namespace, call.name, { resourceVersion: '' });
    const pod = stored.parse() as unknown as corev1.Pod;
    const container = containerOf(pod, call.query.get('container') ?? '');
    const { response } = call;
    if (response === undefined) throw statusErrors.badRequest('logs are not served over an upgraded connection');
    const nodeName = pod.spec?.nodeName ?? '';
    if (nodeName === '') {
      // Nothing has run yet, so there is nothing to say.
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end();
      return;
    }
    const path = `/containerLogs/${call.namespace}/${call.name}/${container}?${query.toString()}`;
    const answer = await ask(dial(nodeName), path, call);
    if (answer.statusCode !== 200) throw await refusal(answer);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    try {
      await pipeline(answer, response);
    } catch {
      // The reader went away or the kubelet did, after the answer had begun: the cut connection tells it.
      response.destroy();
    }
  };
}

function ask(to: KubeletAddress, path: string, call: ConnectCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      host: to.host,
      port: to.port,
      path,
      headers: to.token === undefined ? {} : { authorization: `Bearer ${to.token}` },
      signal: call.ctx.signal,
      agent: false,
    } as const;
    const request =
      to.tls === undefined
        ? httpRequest(options, resolve)
        : httpsRequest({ ...options, ...tlsOf(to.tls), ...to.client }, resolve);
    request.on('error', (error) => {
      reject(statusErrors.internal(`error dialing the kubelet of the pod: ${error.message}`, error));
    });
    request.end();
  });
}

const tlsOf = (tls: NonNullable<KubeletAddress['tls']>): object =>
  tls === 'unverified' ? { rejectUnauthorized: false } : { ca: tls.caPem };

async function refusal(answer: IncomingMessage): Promise<StatusError> {
  const text = (await buffer(answer)).toString('utf8');
  try {
    const status: unknown = JSON.parse(text);
    if (isStatus(status)) return new StatusError(status);
  } catch {
    // Plain text: it becomes the message.
  }
  return new StatusError(failure({ reason: 'InternalError', message: text }));
}

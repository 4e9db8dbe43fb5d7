import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { ClientConfigError } from '../client-config';

/** A connection to a server by way of others. Rejects when they cannot or will not. */
export type OpenTunnel = (host: string, port: number) => Promise<Socket>;

const longestMs = 10_000;

/** Through a proxy that speaks CONNECT (`proxy-url` of a kubeconfig). Throws ClientConfigError for a URL that leads to none. */
export function tunnelThrough(proxyUrl: string): OpenTunnel {
  const proxy = URL.canParse(proxyUrl) ? new URL(proxyUrl) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol))
    throw new ClientConfigError(
      `proxy-url ${withoutPassword(proxyUrl)} names no proxy that is spoken to here`,
      'name a proxy by http:// or https://; socks5:// is not spoken',
    );
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const { username, password } = proxy;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers =
    username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  return (host, port) =>
    new Promise((resolve, reject) => {
      const target = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
      const failed = (why: string, cause?: unknown): Error =>
        new Error(`proxyconnect to ${target} by ${proxy.host}: ${why}`, { cause });
      const asked = send({
        host: proxy.hostname.replace(/^\[|\]$/g, ''),
        port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
        method: 'CONNECT',
        path: target,
        headers: { ...headers, host: target },
        agent: false,
        timeout: longestMs,
        // Its own certificate is looked at by what the machine trusts.
      });
      asked.once('connect', ({ statusCode = 0 }, socket, head) => {
        socket.setTimeout(0);
        if (statusCode === 200 && head.length === 0) resolve(socket);
        else {
          socket.destroy();
          reject(failed(`it answered ${String(statusCode)}`));
        }
      });
      asked.once('response', (response) => {
        response.destroy();
        reject(failed(`it answered ${String(response.statusCode ?? 0)}`));
      });
      asked.once('timeout', () => {
        asked.destroy(new Error('it took too long'));
      });
      asked.once('error', (error) => {
        reject(failed(error.message, error));
      });
      asked.end();
    });
}

const withoutPassword = (url: string): string => JSON.stringify(url.replace(/\/\/[^@/]*@/, '//'));

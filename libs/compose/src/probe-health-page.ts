import { request } from 'node:https';
import type { ComponentHealth, ComponentProbes } from './component-statuses';

/** As long as upstream waits. */
const patienceMs = 20_000;

/** More than a health page has to say. */
const mostCharacters = 10_240;

/** Asks a program of this machine how it is, by its health page; whom its certificate names does not matter (`probe/http`). */
export function probeHealthPage(port: number): Promise<ComponentHealth> {
  const url = `https://127.0.0.1:${String(port)}/healthz`;
  return new Promise((resolve) => {
    const fail = (why: string): void => {
      resolve({ status: 'False', message: why });
    };
    const asked = request(url, { rejectUnauthorized: false, timeout: patienceMs, agent: false }, (answer) => {
      const { statusCode = 0 } = answer;
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text = (text + chunk).slice(0, mostCharacters);
      });
      answer.on('end', () => {
        if (statusCode >= 200 && statusCode < 400) resolve({ status: 'True', message: text });
        else fail(`HTTP probe failed with statuscode: ${String(statusCode)}`);
      });
    });
    asked.on('timeout', () => {
      asked.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ECONNREFUSED'
          ? `dial tcp 127.0.0.1:${String(port)}: connect: connection refused`
          : error.message;
      fail(`Get "${url}": ${why}`);
    });
    asked.end();
  });
}

/** The programs of this machine, where they listen unless told otherwise. */
export const neighbourProbes: ComponentProbes = {
  scheduler: () => probeHealthPage(10_259),
  'controller-manager': () => probeHealthPage(10_257),
};

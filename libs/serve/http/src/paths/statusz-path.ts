import { timeText } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { type ComponentPage, respondComponentPage } from './component-page';
import { programVersion, versionInfo } from './version';

/** First parts of paths that have nothing to say to people who debug. */
const others: ReadonlySet<string> = new Set(['apis', 'api', 'openid', 'openapi', '.well-known']);

/** `/statusz`: since when the server runs, and as what (k8s.io/apiserver/pkg/server/statusz). */
export const statuszPath = (exchange: Exchange): void | Promise<void> => {
  const { clock, paths } = exchange.server;
  return respondComponentPage(exchange, statuszPage(clock.nowMs(), paths.list()));
};

/** The page of a program that answers these paths. */
export function statuszPage(nowMs: number, paths: readonly string[]): ComponentPage {
  const startMs = nowMs - process.uptime() * 1000;
  const upSeconds = Math.floor((nowMs - startMs) / 1000);
  const binaryVersion = programVersion.slice(1);
  const emulationVersion = `${versionInfo.emulationMajor}.${versionInfo.emulationMinor}`;
  const parts = [...new Set(paths.map((path) => path.split('/')[1] ?? ''))];
  const folders = parts
    .filter((part) => part !== '' && !others.has(part))
    .map((part) => `/${part}`)
    .sort();
  return {
    kind: 'Statusz',
    text: () =>
      `\nStarted: ${unixDate(startMs)}\nUp: ${upTime(upSeconds)}\nGo version: ${versionInfo.goVersion}\n` +
      `Binary version: ${binaryVersion}\nEmulation version: ${emulationVersion}\nPaths: ${folders.join(' ')}\n`,
    fields: () => ({
      startTime: timeText(startMs),
      uptimeSeconds: upSeconds,
      goVersion: versionInfo.goVersion,
      binaryVersion,
      emulationVersion,
      paths: folders,
    }),
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

const upTime = (seconds: number): string =>
  `${String(Math.floor(seconds / 3600))} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`;

/** Go's `time.UnixDate`: `Sun Nov  2 09:04:34 UTC 2026`. */
function unixDate(ms: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(ms)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} UTC ${year}`;
}

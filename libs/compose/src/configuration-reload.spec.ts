import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock, MetricsRegistry, silentLogger } from '@reckon/kernel';
import { afterAll, describe, expect, it } from 'vitest';
import { startConfigurationReload } from './configuration-reload';

const folder = mkdtempSync(join(tmpdir(), 'reckon-configuration-reload-'));
const file = join(folder, 'configuration.yaml');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const replace = (text: string): void => {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};

describe('a followed configuration', () => {
  it.each([true, false])(
    'whose failure may pass (%s) is tried again each minute, or not before it changes',
    async (isFailurePassing) => {
      const clock = fakeClock();
      const metrics = new MetricsRegistry();
      const tried: string[] = [];
      let isAway = true;
      replace('a');
      const running = startConfigurationReload({
        of: 'authentication',
        file,
        text: 'a',
        clock,
        timers: clock,
        logger: silentLogger,
        metrics,
        isFailurePassing,
        use(text) {
          tried.push(text);
          if (isAway) throw new Error('its issuer is away');
          return 'used';
        },
      });
      /** Long enough for a file to be read, seconds after seconds. */
      const look = async (seconds: number): Promise<void> => {
        for (let i = 0; i < seconds; i++) {
          await clock.advance(1000);
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await look(3);
      expect(tried).toEqual([]);
      replace('b');
      await expect.poll(async () => look(1).then(() => tried)).toEqual(['b']);
      await look(30);
      expect(tried).toEqual(['b']);
      isAway = false;
      await look(60);
      // A look that is late under load leaves out the next.
      if (isFailurePassing)
        await expect.poll(async () => look(10).then(() => tried.length), { timeout: 10_000 }).toBe(2);
      expect(tried).toEqual(isFailurePassing ? ['b', 'b'] : ['b']);
      const reloads = metrics.render();
      expect(reloads).toContain('reloads_total{apiserver_id_hash="",status="failure"} 1');
      expect(reloads.includes('reloads_total{apiserver_id_hash="",status="success"} 1')).toBe(isFailurePassing);
      await running.stop();
    },
  );
});

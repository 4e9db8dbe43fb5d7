import { StatusError, failure } from '@reckon/api/machinery';
import type { RestClient } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { tellWhenUnreachable } from './tell-unreachable';

const server = 'https://10.0.0.1:6443';
const failed = (code: string, message: string): Error => Object.assign(new Error(message), { code });
const refused = (code: number, message: string): StatusError => new StatusError(failure({ code, message }));

/** Answers what it is given, the last one again and again; undefined is an answer of a server that knows us. */
function reaching(answers: readonly (Error | 'silence' | undefined)[]) {
  const clock = fakeClock();
  const lines: string[] = [];
  let asked = 0;
  const rest: Pick<RestClient, 'request' | 'config'> = {
    config: { server, userAgent: 'test' },
    request: (_method, _path, options) => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === undefined) return Promise.resolve({} as never);
      if (answer !== 'silence') return Promise.reject(answer);
      return new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => {
          reject(failed('UND_ERR_ABORTED', 'aborted'));
        });
      });
    },
  };
  const told = (line: string): void => {
    lines.push(line);
  };
  const running = tellWhenUnreachable({ rest, kubeconfig: 'kc', timers: clock, say: told, warn: told });
  return { clock, lines, running, asked: () => asked };
}

let stop = (): Promise<void> => Promise.resolve();
afterEach(() => stop());

describe('tellWhenUnreachable', () => {
  it.each([
    [
      failed('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:6443'),
      `the apiserver at ${server} cannot be reached: connect ECONNREFUSED 10.0.0.1:6443`,
      'see whether it runs, and whether the server in kc is its address',
    ],
    [
      new Error('other side closed', { cause: failed('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed') }),
      `the certificate of ${server} is not from the authority that is trusted: other side closed`,
      'name the authority of this apiserver as certificate-authority in kc',
    ],
    [
      failed('ERR_TLS_CERT_ALTNAME_INVALID', 'Host: 10.0.0.1. is not cert'),
      `the certificate of ${server} is for other names: Host: 10.0.0.1. is not cert`,
      'use one of these names as server in kc, or give it as tls-server-name',
    ],
    [
      failed('CERT_HAS_EXPIRED', 'certificate has expired'),
      `the certificate of ${server} is not valid now: certificate has expired`,
      "see to the server's certificate, and to the clocks of both machines",
    ],
    [
      failed('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'alert'),
      `the apiserver at ${server} cannot be spoken to with TLS: alert`,
      'see whether the server in kc is an apiserver, and whether it takes the client certificate',
    ],
    [
      refused(401, 'Unauthorized'),
      `the apiserver at ${server} does not know who we are: Unauthorized`,
      'see to the token or the client certificate of the user in kc',
    ],
    [
      refused(403, 'forbidden: User "system:anonymous" cannot get path "/api"'),
      `the apiserver at ${server} lets us do nothing: forbidden: User "system:anonymous" cannot get path "/api"`,
      'name a user with the rights of this program in kc',
    ],
    [
      refused(404, 'page not found'),
      `${server} does not answer as an apiserver: 404 page not found`,
      'see whether the server in kc is the address of an apiserver, and whether it is ready',
    ],
  ])('says of %s what it means and what to do', async (error, what, hint) => {
    const { clock, lines, running } = reaching([error]);
    stop = () => running.stop();
    await clock.advance(0);
    expect(lines).toEqual([`reckon: ${what}`, `        ${hint}; trying again until it works`]);
  });

  it('says it of a server that takes the request and never answers', async () => {
    const { clock, lines, running } = reaching(['silence']);
    stop = () => running.stop();
    await clock.advance(5_000);
    expect(lines[0]).toBe(`reckon: the apiserver at ${server} did not answer within 5 s`);
  });

  it('says one trouble once, another one anew, and that it is over', async () => {
    const away = failed('ECONNREFUSED', 'refused');
    const { clock, lines, running, asked } = reaching([away, away, refused(401, 'Unauthorized'), undefined]);
    stop = () => running.stop();
    await clock.advance(60_000);
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'reckon',
      expect.stringContaining('trying again'),
      'reckon',
      expect.stringContaining('trying again'),
      'the apiserver at https',
    ]);
    expect(asked()).toBe(4);
  });

  it('is silent where all is well, and where it is stopped', async () => {
    const well = reaching([undefined]);
    await well.clock.advance(60_000);
    await well.running.stop();
    expect([well.lines, well.asked()]).toEqual([[], 1]);
    const stopped = reaching(['silence']);
    await stopped.running.stop();
    expect(stopped.lines).toEqual([]);
  });
});

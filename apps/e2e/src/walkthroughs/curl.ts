import { run } from '@reckon/testkit';

export interface Curled {
  /** Of curl itself: 0 whatever the status of the answer, 60 where the server's certificate is not to be trusted. */
  readonly exitCode: number | null;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** `1.1` or `2`. */
  readonly httpVersion: string;
  readonly contentType: string | null;
  readonly text: string;
  /** The answer read as JSON; throws where it is none. */
  json<T = unknown>(): T;
  /** What curl complains of. */
  readonly stderr: string;
}

/** What curl tells of a transfer with `--write-out %{json}`. */
interface Transfer {
  readonly http_code: number;
  readonly http_version: string;
  readonly content_type: string | null;
}

/** curl as a person calls it: `args` go before the address. What the machine's user has in ~/.curlrc is not read. */
export async function curl(server: string, path: string, ...args: readonly string[]): Promise<Curled> {
  const quiet = ['--disable', '--silent', '--show-error', '--noproxy', '*', '--max-time', '30'];
  const { code, stdout, stderr } = await run('curl', [
    ...quiet,
    ...['--write-out', '\n%{json}'],
    ...args,
    new URL(path, server).href,
  ]);
  const end = stdout.lastIndexOf('\n');
  const text = stdout.slice(0, end);
  const transfer = JSON.parse(stdout.slice(end + 1)) as Transfer;
  return {
    exitCode: code,
    status: transfer.http_code,
    httpVersion: transfer.http_version,
    contentType: transfer.content_type,
    text,
    json: <T>() => JSON.parse(text) as T,
    stderr,
  };
}

export const bearer = (token: string): readonly string[] => ['--header', `Authorization: Bearer ${token}`];

/** `-X POST` with a body of JSON. */
export const posting = (body: object): readonly string[] => [
  ...['--request', 'POST', '--header', 'Content-Type: application/json'],
  ...['--data', JSON.stringify(body)],
];

import { StatusError } from '@reckon/api/machinery';
import type { RestClient } from '@reckon/client/rest';
import type { Running, Timers } from '@reckon/kernel';

interface ReachOptions {
  readonly rest: Pick<RestClient, 'request' | 'config'>;
  /** The file that says where the server is and who we are; '' if none was named. */
  readonly kubeconfig: string;
  readonly timers: Timers;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** Longest wait for an answer, before the person is told that there is none. */
const answerMs = 5_000;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** What a kubeconfig without a server leads to. */
const discoveryPath = '/api';

/**
 * Asks the apiserver for the one thing that everybody may see whom it knows, until it is answered. The first time that this fails, and
 * each time that it fails in another way, the person at the terminal hears what is wrong, where, and what to do; the parts of the
 * program try on by themselves, as upstream's do, and start when it works.
 */
export function tellWhenUnreachable({ rest, kubeconfig, timers, say, warn }: ReachOptions): Running {
  const stopping = new AbortController();
  const { server } = rest.config;
  const named = kubeconfig === '' ? 'what the program was started with' : kubeconfig;

  async function ask(): Promise<unknown> {
    const patience = new AbortController();
    let isLate = false;
    const cancel = timers.after(answerMs, () => {
      isLate = true;
      patience.abort();
    });
    const stop = (): void => {
      patience.abort();
    };
    stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      await rest.request('GET', discoveryPath, { signal: patience.signal });
      return undefined;
    } catch (error) {
      return isLate ? new NoAnswerError() : error;
    } finally {
      cancel();
      stopping.signal.removeEventListener('abort', stop);
    }
  }

  async function untilReached(): Promise<void> {
    let told = '';
    for (let pauseMs = firstPauseMs; !isAborted(stopping.signal); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const error = await ask();
      if (isAborted(stopping.signal)) return;
      if (error === undefined) {
        if (told !== '') say(`the apiserver at ${server} answers now`);
        return;
      }
      const { what, hint } = troubleOf(error, server, named);
      if (what !== told) {
        warn(`reckon: ${what}`);
        warn(`        ${hint}; trying again until it works`);
        told = what;
      }
      await timers.sleep(pauseMs, stopping.signal);
    }
  }

  const asking = untilReached();
  return {
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;

class NoAnswerError extends Error {
  readonly code = 'NoAnswer';
}

interface Trouble {
  readonly what: string;
  readonly hint: string;
}

const foreignAuthority: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

function troubleOf(error: unknown, server: string, named: string): Trouble {
  if (error instanceof StatusError) return refusalOf(error, server, named);
  const code = codeOf(error);
  const why = error instanceof Error ? error.message : String(error);
  if (code === 'NoAnswer')
    return {
      what: `the apiserver at ${server} did not answer within ${String(answerMs / 1_000)} s`,
      hint: `see whether it runs, and whether the server in ${named} is its address`,
    };
  if (foreignAuthority.has(code))
    return {
      what: `the certificate of ${server} is not from the authority that is trusted: ${why}`,
      hint: `name the authority of this apiserver as certificate-authority in ${named}`,
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      what: `the certificate of ${server} is for other names: ${why}`,
      hint: `use one of these names as server in ${named}, or give it as tls-server-name`,
    };
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return {
      what: `the certificate of ${server} is not valid now: ${why}`,
      hint: "see to the server's certificate, and to the clocks of both machines",
    };
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return {
      what: `the apiserver at ${server} cannot be spoken to with TLS: ${why}`,
      hint: `see whether the server in ${named} is an apiserver, and whether it takes the client certificate`,
    };
  return {
    what: `the apiserver at ${server} cannot be reached: ${why}`,
    hint: `see whether it runs, and whether the server in ${named} is its address`,
  };
}

function refusalOf({ status: { code, message = '' } }: StatusError, server: string, named: string): Trouble {
  if (code === 401)
    return {
      what: `the apiserver at ${server} does not know who we are: ${message}`,
      hint: `see to the token or the client certificate of the user in ${named}`,
    };
  if (code === 403)
    return {
      what: `the apiserver at ${server} lets us do nothing: ${message}`,
      hint: `name a user with the rights of this program in ${named}`,
    };
  return {
    what: `${server} does not answer as an apiserver: ${String(code)} ${message}`,
    hint: `see whether the server in ${named} is the address of an apiserver, and whether it is ready`,
  };
}

/** Of the failure itself, or of what lies behind it. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === 'string' && code !== '' ? code : codeOf(cause);
}

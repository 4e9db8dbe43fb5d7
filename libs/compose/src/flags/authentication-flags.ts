import { bool, duration, file, list, text } from './flag';
import { type Flag, FlagValueError } from './flag';

/** `key=value`, once for each pair: a value may hold commas (component-base/cli/flag `NewMapStringStringNoSplit`). */
const pair = (help: string): Flag<Readonly<Record<string, string>>> => ({
  help,
  placeholder: 'key=value',
  initial: {},
  initialText: undefined,
  isBoolean: false,
  read(given, before = {}) {
    const equals = given.indexOf('=');
    if (equals === -1) throw new FlagValueError('must be formatted as key=value');
    const [key, value] = [given.slice(0, equals).trim(), given.slice(equals + 1).trim()];
    return { ...Object.fromEntries(Object.entries(before)), [key]: value };
  },
});

/** Ways to authenticate besides certificates of the cluster, static tokens and service accounts: what `reckon up` takes as well. */
export const furtherAuthenticationFlags = {
  'authentication-config': file(
    'an AuthenticationConfiguration: issuers of tokens and who may come as a stranger; read again when it changes; instead of --oidc-*',
  ),
  'authentication-token-webhook-cache-ttl': duration('how long an answer of the token webhook is remembered', '2m0s'),
  'authentication-token-webhook-config-file': file('who else is asked for bearer tokens: a kubeconfig'),
  'authentication-token-webhook-version': text(
    'version of the TokenReviews that the webhook is sent, and answers: v1 or v1beta1',
    'v1beta1',
  ),
  'basic-auth-file': file(
    'CSV of passwords for HTTP Basic: password,user,uid,"group1,group2" (upstream had it until 1.19)',
  ),
  'enable-bootstrap-token-auth': bool('let Secrets of type bootstrap.kubernetes.io/token in kube-system be tokens'),
  'oidc-ca-file': file("authority of the issuer's certificate; default: those of this machine"),
  'oidc-client-id': text('audience that tokens of --oidc-issuer-url must be for'),
  'oidc-groups-claim': text('claim with the groups: a string or a list of them'),
  'oidc-groups-prefix': text('put before each group'),
  'oidc-issuer-url': text('issuer of ID tokens (OpenID Connect), https only'),
  'oidc-required-claim': pair('a claim that a token must hold with this value; once for each'),
  'oidc-signing-algs': list('algorithms that tokens may be signed with', ['RS256']),
  'oidc-username-claim': text('claim with the user name', 'sub'),
  'oidc-username-prefix': text(
    'put before the user name; default: the issuer and #, but nothing before an email; - puts nothing',
  ),
  'requestheader-allowed-names': list('common names of front proxies; default: every certificate of the authority'),
  'requestheader-client-ca-file': file(
    'who shows a certificate of these authorities is a front proxy, and says in headers who the user is',
  ),
  'requestheader-extra-headers-prefix': list('how headers with extra facts of the user begin, like X-Remote-Extra-'),
  'requestheader-group-headers': list('headers with groups, like X-Remote-Group'),
  'requestheader-uid-headers': list('headers with the uid, like X-Remote-Uid'),
  'requestheader-username-headers': list('headers with the user name, like X-Remote-User'),
};

/** pkg/kubeapiserver/options `BuiltInAuthenticationOptions` */
export const authenticationFlags = {
  'anonymous-auth': bool('let requests without credentials in as system:anonymous', true),
  'api-audiences': list('audiences of tokens for this server; default: the service account issuers'),
  ...furtherAuthenticationFlags,
  'client-ca-file': file(
    'who shows a client certificate of these authorities is who it names; default: the CA of the data directory',
  ),
  'service-account-extend-token-expiration': bool(
    'give tokens of pods a year, and warn of their use after an hour',
    true,
  ),
  'service-account-issuer': list('issuer of service account tokens; further ones are accepted, not issued', [
    'https://kubernetes.default.svc',
  ]),
  'service-account-jwks-uri': text('where others find the keys of service account tokens'),
  'service-account-key-file': list('keys (public or private) that service account tokens may be signed with', [], {
    placeholder: 'files',
  }),
  'service-account-lookup': bool('let tokens of Secrets end with their Secret and their account', true),
  'service-account-max-token-expiration': duration('longest life of an issued token; 0 sets no limit', '0'),
  'token-auth-file': file('CSV of static tokens: token,user,uid,"group1,group2"'),
};

import { compileGoPattern } from '@reckon/api/cel';
import { OptionError } from './option-error';

const hint =
  "each is a regular expression that is bound to both ends of a host: by ^ or // before it, and by $ or : after it, as in '^https://example.com(:|$)'";

/**
 * `--cors-allowed-origins`: which origins a list of Go's regular expressions allows; undefined when it names none. Throws `OptionError`
 * for what k8s.io/apiserver/pkg/server/options `validateCorsAllowedOriginList` refuses.
 */
export function allowedOrigins(patterns: readonly string[]): ((origin: string) => boolean) | undefined {
  if (patterns.length === 0) return undefined;
  const tests = patterns.map((pattern) => {
    if (pattern === '') throw new OptionError('empty value in --cors-allowed-origins', hint);
    const { matches, problem } = compileGoPattern(pattern);
    if (matches === undefined) throw invalid(problem);
    if (!/\^|\/\//.test(pattern) || !/[$:]/.test(pattern))
      throw invalid('regular expression does not pin to start/end of host in the origin header');
    return matches;
  });
  return (origin) => tests.some((matches) => matches(origin));
}

const invalid = (problem: string): OptionError =>
  new OptionError(`--cors-allowed-origins has an invalid regular expression: ${problem}`, hint);

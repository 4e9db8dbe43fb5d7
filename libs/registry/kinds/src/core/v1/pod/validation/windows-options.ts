import { type FieldPath, fieldErrors, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { byteLength, checkText, type Errors } from '../../../../field-checks';

const longestCredentialSpecKib = 64;
const longestDomain = 256;
const longestUser = 104;
const controlCharacters = /[\u0000-\u001f\u007f]/;
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);
const onlyDotsAndSpaces = /^[. ]+$/;
const badUserCharacters = /["/\\:;|=,+*?<>@[\]]/;

/** `validateWindowsSecurityContextOptions`. */
export function validateWindowsOptions(
  errors: Errors,
  path: FieldPath,
  options: corev1.WindowsSecurityContextOptions,
): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined)
    checkText(errors, path.child('gmsaCredentialSpecName'), gmsaCredentialSpecName, validateDns1123Subdomain);
  if (gmsaCredentialSpec !== undefined) {
    const wrong =
      gmsaCredentialSpec === ''
        ? 'gmsaCredentialSpec cannot be an empty string'
        : byteLength(gmsaCredentialSpec) > longestCredentialSpecKib * 1024
          ? `gmsaCredentialSpec size must be under ${String(longestCredentialSpecKib)} KiB`
          : undefined;
    if (wrong !== undefined)
      errors.push(fieldErrors.invalid(path.child('gmsaCredentialSpec'), gmsaCredentialSpec, wrong));
  }
  if (runAsUserName !== undefined)
    for (const wrong of userNameProblems(runAsUserName))
      errors.push(fieldErrors.invalid(path.child('runAsUserName'), runAsUserName, wrong));
}

/** `DOMAIN\user` or `user`. */
function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (controlCharacters.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const domain = parts.length === 2 ? parts[0] : undefined;
  const user = parts.at(-1) ?? '';
  const problems: string[] = [];
  if (domain !== undefined && byteLength(domain) >= longestDomain)
    problems.push(`runAsUserName's Domain length must be under ${String(longestDomain)} characters`);
  if (domain !== undefined && !netBiosName.test(domain) && !dnsName.test(domain))
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > longestUser)
    problems.push(`runAsUserName's User length must not be longer than ${String(longestUser)} characters`);
  if (onlyDotsAndSpaces.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (badUserCharacters.test(user))
    problems.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return problems;
}

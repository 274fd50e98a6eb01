/** Names of values that let somebody in, as cameras have them in queries and in paths. */
const secretValue =
  /((?:^|[/?&;,_\s])(?:[a-z0-9_]*(?:pass(?:word|wd)?|pwd|token|secret|auth|key|user(?:name)?|login|usr|sig))=)([^&/?#\s'"<>;,]*)/gi;

/**
 * Takes user names, passwords and query values out of every address in a text, and leaves a `…` where they were. FFmpeg
 * and the system put the address that was opened into their messages, and operators paste those into tickets.
 */
export function redactAddresses(text: string): string {
  return text.replace(
    // A password may hold a raw '/', '@' or quote, so everything up to the last '@' before a space counts as credentials.
    /\b(?!file:)([a-z][a-z0-9+.-]*:[\\/]{2})(\S*@)?([^\s'"<>]*)/gi,
    (_whole, scheme: string, login: string | undefined, address: string) =>
      scheme + (login === undefined ? '' : '…@') + address.replace(/\?.*$/, '?…').replace(secretValue, '$1…'),
  );
}

/**
 * As somebody typed it, which may be anything: nothing before the last `@`, no query and no control character is shown of
 * it, and not more than a line.
 */
export function redactTyped(text: string): string {
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*:[\\/]*/i.exec(text) ?? [];
  const rest = text.slice(scheme.length);
  const shown = scheme + (rest.includes('@') ? `…@${rest.slice(rest.lastIndexOf('@') + 1)}` : rest);
  const clean = shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�');
  const redacted = clean.replace(/\?[\s\S]*$/, '?…').replace(secretValue, '$1…');
  return redacted.length > 200 ? `${redacted.slice(0, 199)}…` : redacted;
}

/** Whether something in the address beyond its login lets somebody in. */
export const hasSecretValue = (address: string): boolean => address.search(secretValue) >= 0;

/** Those values as `…`. */
export const withoutSecretValues = (address: string): string => address.replace(secretValue, '$1…');

/**
 * Takes user names, passwords and query values out of every address in a text, and leaves a `…` where they were. FFmpeg
 * and the system put the address that was opened into their messages, and operators paste those into tickets.
 */
export function redactAddresses(text: string): string {
  return text.replace(/\b(?!file:)([a-z][a-z0-9+.-]*:\/\/)([^\s'"<>]*)/gi, (_whole, scheme: string, rest: string) => {
    // A password may hold a raw '/' or '@', so everything up to the last '@' counts as credentials.
    const address = rest.slice(rest.lastIndexOf('@') + 1);
    return scheme + (address === rest ? '' : '…@') + address.replace(/\?.*$/, '?…');
  });
}

/** The part of the onvif package that reads SOAP; it comes without types. */
declare module 'onvif/lib/utils.js' {
  /** Element names lose their prefix and their capital; what is repeated or not is an array in any case. */
  export function parseSOAPString(
    xml: string,
    callback: (error: Error | null, body: unknown, xml: string, status: number) => void,
    status: number,
  ): void;
}

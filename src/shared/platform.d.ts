/** The platform classes that browsers and Node share and that `shared` needs; everything else ambient stays out. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare class URL {
  constructor(url: string);
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

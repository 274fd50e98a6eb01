import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OnvifScript {
  readonly user: string;
  readonly password: string;
  /** Where the camera says that its streams are. */
  readonly streamHost: string;
  /** In place of its answer to a call, by the call's name. */
  readonly instead?: Readonly<Record<string, string>>;
}

/** A small ONVIF camera on loopback: its device and media service over HTTP, and its answer to a discovery over UDP. */
export class OnvifResponder {
  readonly #script: OnvifScript;
  readonly #http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = Buffer.concat(parts).toString('utf8');
      this.received.push(asked);
      const [status, body] = this.#answer(asked);
      response.writeHead(status, { 'content-type': 'application/soap+xml' }).end(body);
    });
  });
  readonly #udp = createSocket('udp4');
  readonly received: string[] = [];

  private constructor(script: OnvifScript) {
    this.#script = script;
    this.#udp.on('message', (message, { port, address }) => {
      const id = /MessageID>(?<id>[^<]+)</.exec(message.toString())?.groups?.['id'] ?? '';
      this.#udp.send('<not soap', port, address);
      this.#udp.send(this.#probeMatch(id), port, address);
    });
  }

  static async start(script: OnvifScript): Promise<OnvifResponder> {
    const responder = new OnvifResponder(script);
    responder.#http.listen(0, '127.0.0.1');
    responder.#udp.bind(0, '127.0.0.1');
    await Promise.all([once(responder.#http, 'listening'), once(responder.#udp, 'listening')]);
    return responder;
  }

  get address(): string {
    return `http://127.0.0.1:${String((this.#http.address() as AddressInfo).port)}/onvif/device_service`;
  }

  get udpPort(): number {
    return this.#udp.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#udp.close();
    this.#http.closeAllConnections();
    const closed = once(this.#http, 'close');
    this.#http.close();
    await closed;
  }

  #answer(asked: string): readonly [number, string] {
    const call = /<(?:\w+:)?(Get\w+)[\s/>]/.exec(asked)?.[1] ?? '';
    const instead = this.#script.instead?.[call];
    if (instead !== undefined) return [200, instead];
    if (call === 'GetSystemDateAndTime') return [200, envelope(dateAndTime(new Date()))];
    if (!this.#isAllowed(asked)) return [400, envelope(notAuthorized)];
    switch (call) {
      case 'GetServices':
        // Somewhere else altogether: a camera behind a router says the like.
        return [
          200,
          envelope(`<tds:GetServicesResponse>
            <tds:Service><tds:Namespace>http://www.onvif.org/ver10/device/wsdl</tds:Namespace><tds:XAddr>http://203.0.113.9/onvif/device_service</tds:XAddr></tds:Service>
            <tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>http://203.0.113.9/onvif/media</tds:XAddr></tds:Service>
          </tds:GetServicesResponse>`),
        ];
      case 'GetDeviceInformation':
        return [
          200,
          envelope(
            '<tds:GetDeviceInformationResponse><tds:Manufacturer>Lumen</tds:Manufacturer><tds:Model>Dome 4</tds:Model></tds:GetDeviceInformationResponse>',
          ),
        ];
      case 'GetProfiles':
        return [
          200,
          envelope(
            `<trt:GetProfilesResponse>${profile('0', 2560, 1440)}${profile('1', 640, 360)}</trt:GetProfilesResponse>`,
          ),
        ];
      case 'GetStreamUri': {
        const token = /ProfileToken>(\w+)</.exec(asked)?.[1] ?? '';
        const uri = `rtsp://leaked:login@${this.#script.streamHost}:8554/profile${token}?unicast=true&amp;x=1`;
        return [
          200,
          envelope(
            `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`,
          ),
        ];
      }
      default:
        return [400, envelope('<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code></s:Fault>')];
    }
  }

  /** WS-Security, user name token with a password digest (OASIS, Username Token Profile 1.0). */
  #isAllowed(asked: string): boolean {
    const value = (name: string): string => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)<`).exec(asked)?.[1] ?? '';
    const digest = createHash('sha1')
      .update(Buffer.from(value('Nonce'), 'base64'))
      .update(value('Created') + this.#script.password)
      .digest('base64');
    return value('Username') === this.#script.user && value('Password') === digest;
  }

  #probeMatch(id: string): string {
    return `<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
      <SOAP-ENV:Header><wsa:RelatesTo>${id}</wsa:RelatesTo></SOAP-ENV:Header>
      <SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>
        <wsa:EndpointReference><wsa:Address>urn:uuid:6b1c0c62</wsa:Address></wsa:EndpointReference>
        <d:Types>dn:NetworkVideoTransmitter</d:Types>
        <d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/North%20Gate onvif://www.onvif.org/hardware/Dome_4</d:Scopes>
        <d:XAddrs>http://[fe80::1]/onvif/device_service http://169.254.9.9/onvif/device_service ${this.address}</d:XAddrs>
      </d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  }
}

const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`;

const notAuthorized =
  '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>';

const dateAndTime = (now: Date): string =>
  `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;

const profile = (token: string, width: number, height: number): string =>
  `<trt:Profiles token="${token}" fixed="true"><tt:Name>profile ${token}</tt:Name><tt:VideoSourceConfiguration token="v"><tt:Name>v</tt:Name><tt:SourceToken>s</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="e${token}"><tt:Name>e</tt:Name><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>`;

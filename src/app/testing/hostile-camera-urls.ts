import type { ErrorKind } from '../../shared/errors.ts';

/** Stands where a password stands; it may be seen nowhere. */
export const canary = 'c4nary';

interface HostileUrl {
  readonly url: string;
  /** What becomes of it, with port 8700 as the application's own and nothing agreed to. */
  readonly may: ErrorKind | 'opens';
}

const all = (may: HostileUrl['may'], urls: readonly string[]): readonly HostileUrl[] =>
  urls.map((url) => ({ url, may }));

/** The same address in other notations. */
const metadata = [
  '169.254.169.254',
  '169.254.169.254.',
  '2852039166',
  '0xa9fea9fe',
  '0xA9.0xFE.0xA9.0xFE',
  '0251.0376.0251.0376',
  '025177524776',
  '169.254.43518',
  '169.16689662',
  '169.254.0xa9fe',
  '%31%36%39.254.169.254',
  '１６９.254.169.254',
  '169。254。169。254',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::1]',
  '[::ffff:0:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '[fd00:0ec2:0000::0254]',
  '[fd20:ce::254]',
  '[fe80::1]',
  '[fe80::1%25eth0]',
  '[FE80:0:0:0:1:2:3:4]',
  '[febf::1]',
  '169.254.1.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
] as const;

const loopbacks = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '017700000001',
  '127.8.9.1',
  '0.0.0.0',
  '0',
  'localhost',
  'LOCALHOST',
  'a.localhost',
  'localhost.',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
] as const;

export const hostileCameraUrls: readonly HostileUrl[] = [
  ...metadata.flatMap((host) => all('bad-input', [`http://root:${canary}@${host}/latest`, `rtsp://${host}/live`])),
  ...loopbacks.flatMap((host) => [
    ...all('bad-input', [`http://admin:${canary}@${host}:8700/`, `rtsp://admin:${canary}@${host}:8700/x`]),
    ...all('needs-consent', [`http://admin:${canary}@${host}:8080/mjpg`]),
    ...all('opens', [`rtsp://admin:${canary}@${host}:8554/gate`]),
  ]),
  // Other protocols of FFmpeg, its own syntax, and words that a shell would read.
  ...all('bad-input', [
    `exec:curl -u admin:${canary} http://x`,
    `concat:rtsp://a:${canary}@b/1|rtsp://c/2`,
    `subfile,,start,0,end,0,,:rtsp://a:${canary}@b/`,
    `crypto+rtsp://a:${canary}@b/`,
    `tee:[f=mpegts]rtsp://a:${canary}@b/`,
    `pipe:0`,
    `data:video/mp4;base64,AAAA`,
    `async:http://a:${canary}@b/`,
    `ftp://a:${canary}@b/c`,
    `gopher://a:${canary}@169.254.169.254/`,
    `smb://a:${canary}@b/c`,
    `srt://a:${canary}@b:9000`,
    `rtmp://a:${canary}@b/live`,
    `udp://239.0.0.1:1234?localaddr=${canary}`,
    `hls+http://a:${canary}@b/x.m3u8`,
    `javascript:alert("${canary}")`,
    `ｒｔｓｐ://a:${canary}@b/`,
    ` rtsp://a:${canary}@b/`,
    `-i rtsp://a:${canary}@b/`,
    `$(echo rtsp://a:${canary}@b/)`,
    `"rtsp://a:${canary}@b/"`,
    `//a:${canary}@b/c`,
    `a:${canary}@10.0.0.7/live`,
    `a:${canary}`,
  ]),
  // Texts that a checker and a decoder would read differently.
  ...all('bad-input', [
    `rtsp://a:${canary}@10.0.0.7/live\0.mp4`,
    `rtsp://a:${canary}\0@10.0.0.7/live`,
    `rtsp://a:${canary}@10.0.0.7/live -protocol_whitelist file`,
    `rtsp://a:${canary}@10.0.0.7/live\r\nX-Evil: 1`,
    `rtsp://a:${canary}\t@10.0.0.7/live`,
    `http://a\\@169.254.169.254/${canary}@b`,
    `http:\\\\a:${canary}@b\\c`,
    `rtsp:/a:${canary}@10.0.0.7/live`,
    `rtsp:a:${canary}@10.0.0.7/live`,
    `rtsp://a:${canary}/1@10.0.0.7/live`,
    `rtsp://a:12/${canary}@10.0.0.7/live`,
    `rtsp://a:12?${canary}@10.0.0.7/live`,
    `rtsp://a:12#${canary}@10.0.0.7/live`,
    `rtsp://a:${canary}@`,
    `rtsp://a:${canary}@:554/live`,
    `rtsp://a:${canary}@[::1/live`,
    `rtsp://a:${canary}@[]/live`,
    `rtsp://a:${canary}@10.0.0.7:99999/live`,
    `rtsp://a:${canary}@10.0.0.7:-1/live`,
    `rtsp://a:${canary}@10.0.0.7:554:554/live`,
    `rtsp://a:${canary}@ho st/live`,
    `rtsp://a:${canary}%00@10.0.0.7/live`,
    `rtsp://a:${canary}%0d%0a@10.0.0.7/live`,
    `rtsp://a:${canary}@ex<ample/live`,
    `http://a:${canary}@256.256.256.256/`,
  ]),
  // Odd, and yet cameras.
  ...all('opens', [
    `rtsp://a:${canary}@@10.0.0.7/live`,
    `rtsp://a:@${canary}:x@10.0.0.7/live`,
    `rtsp://a:${canary}%@10.0.0.7/live`,
    `rtsp://a:${canary}%zz@10.0.0.7/live`,
    `rtsp://a:[${canary}]@10.0.0.7/live`,
    `rtsp://a:${canary}'";$&@10.0.0.7/live`,
    `rtsp://a:${canary}ünï✓@10.0.0.7/live`,
    `rtsp://${canary}@10.0.0.7/live`,
    `rtsp://a:${canary}@10.0.0.7/../../etc/passwd`,
    `rtsp://a:${canary}@10.0.0.7/%2e%2e/live`,
    `rtsp://a:${canary}@[2001:db8::7]:554/live`,
    `rtsp://a:${canary}@xn--nxasmq6b/live`,
    `rtsps://a:${canary}@cam.example/live`,
    `http://cam.example/mjpg?user=bob&pwd=${canary}`,
    `http://cam.example/mjpg?auth=${canary}&x=1`,
    `rtsp://cam.example/user=bob&password=${canary}&channel=1`,
    `rtsp://cam.example/live;token=${canary}`,
    `https://cam.example/a?access_token=${canary}`,
  ]),
];

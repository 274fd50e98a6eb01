import { expect, test } from 'vitest';
import type { CameraLogin } from '../../../shared/domain/camera.ts';
import { openRules } from '../resolve-host.ts';
import { IngestProbe } from '../testing/ingest-probe.ts';
import { OnvifResponder, type OnvifScript } from '../testing/onvif-responder.ts';
import { devicesIn } from './discover.ts';
import { urlAt } from './onvif-streams.ts';

const login: CameraLogin = { user: 'operator', password: 's3cret & <more>' };
const script: OnvifScript = { ...login, streamHost: '198.51.100.7' };

const streamsOf = (probe: IngestProbe, address: string, as: CameraLogin | null = login) =>
  probe.ingest.look({ type: 'onvif-streams', address, login: as, reach: openRules, limitMs: 4_000 });

test('cameras are discovered, and asked for their streams, without sending the password', async () => {
  await using probe = new IngestProbe();
  await using camera = await OnvifResponder.start(script);
  const target = { address: '127.0.0.1', port: camera.udpPort };
  const found = await probe.ingest.look({ type: 'discover-cameras', waitMs: 300, limitMs: 2_000, target });
  expect(found.missed).toBeNull();
  expect(found.devices).toEqual([
    { address: camera.address, host: '127.0.0.1', name: 'North Gate', hardware: 'Dome 4' },
  ]);

  expect(await streamsOf(probe, camera.address)).toEqual({
    maker: 'Lumen',
    model: 'Dome 4',
    streams: [
      {
        url: 'rtsp://127.0.0.1:8554/profile1?unicast=true&x=1',
        name: 'profile 1',
        codec: 'h264',
        width: 640,
        height: 360,
        fps: 25,
      },
      {
        url: 'rtsp://127.0.0.1:8554/profile0?unicast=true&x=1',
        name: 'profile 0',
        codec: 'h264',
        width: 2560,
        height: 1440,
        fps: 25,
      },
    ],
  });
  expect(camera.received.join()).not.toContain('s3cret');
});

test('a wrong password and answers that are no answers are told in words', async () => {
  await using probe = new IngestProbe();
  await using camera = await OnvifResponder.start(script);
  await expect(streamsOf(probe, camera.address, null)).rejects.toThrow(/wants a user name and password/);
  await expect(streamsOf(probe, camera.address, { ...login, password: 'x' })).rejects.toThrow(/refuses this user name/);
  await using odd = await OnvifResponder.start({
    ...script,
    instead: { GetProfiles: '<a><b/></a>', GetStreamUri: 'x' },
  });
  await expect(streamsOf(probe, odd.address)).rejects.toThrow(/does not speak ONVIF/);
  await using huge = await OnvifResponder.start({
    ...script,
    instead: { GetSystemDateAndTime: 'x'.repeat(5_000_000) },
  });
  await expect(streamsOf(probe, huge.address)).rejects.toThrow(/does not speak ONVIF|broke/);
  await expect(streamsOf(probe, 'http://127.0.0.1:1/onvif')).rejects.toThrow(/refused/);
  await expect(streamsOf(probe, 'http://169.254.169.254/onvif')).rejects.toThrow(/metadata/);
  // Whatever the client threw: the next look is as good as the first.
  expect((await streamsOf(probe, camera.address)).streams).toHaveLength(2);
});

test.each([
  '',
  '<',
  '<a/>',
  '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
  '{"a":1}',
  '\0',
  '<Envelope><Body/></Envelope>',
])('an answer such as %j names no device', (xml) => {
  expect(devicesIn(xml, '10.0.0.7')).toEqual([]);
});

test('a stream is where its camera is, whatever the camera says', () => {
  expect(urlAt('10.0.0.7', 'rtsp://u:p@evil.example:554/a?b=c')).toBe('rtsp://10.0.0.7:554/a?b=c');
  expect(urlAt('2001:db8::7', 'RTSP://[fe80::1]/a')).toBe('rtsp://[2001:db8::7]/a');
  expect(urlAt('10.0.0.7', 'http://10.0.0.7/snap.jpg')).toBe(null);
  expect(urlAt('10.0.0.7', null)).toBe(null);
});

import { expect, test } from 'vitest';
import { networkOptions } from './network-options.ts';

test.each([
  ['rtsp://cam/1', /^rtsp,/],
  ['rtsps://cam/1', /^rtsp,/],
  ['http://cam/mjpg', /^http,/],
  ['https://cam/live.m3u8', /^http,/],
])('%s may open nothing of this machine, and leads nowhere else', (url, protocols) => {
  const options = networkOptions(url, 'auto', '9.0');
  const list = (options['protocol_whitelist'] ?? '').split(',');
  expect(options['protocol_whitelist']).toMatch(protocols);
  for (const unsafe of ['file', 'concat', 'subfile', 'data', 'crypto', 'pipe', 'tee', 'async', 'cache'])
    expect(list).not.toContain(unsafe);
  expect(options['format_whitelist']?.split(',')).not.toContain('concat');
  if (url.startsWith('http')) expect(options['max_redirects']).toBe('0');
});

test('HLS is for an FFmpeg that reads playlists safely, and never a matter of content', () => {
  for (const version of ['8.1-Jellyfin', '8.1.2', '7.1.9', '6', 'N-120000-gabcdef']) {
    expect(() => networkOptions('https://cam/live.m3u8', 'auto', version)).toThrow(/HLS is not opened/);
  }
  for (const version of ['8.1.3', '8.2', '9.0.1-Jellyfin', 'n8.1.4']) {
    expect(networkOptions('https://cam/live.m3u8', 'auto', version)['format_whitelist']).toMatch(/^hls,/);
  }
  // A playlist behind another name meets a list without its format.
  expect(networkOptions('https://cam/live', 'auto', '9.0')['format_whitelist']?.split(',')).not.toContain('hls');
});

test('RTSP is carried as it is asked for', () => {
  expect(networkOptions('rtsp://cam/1', 'auto', '8.1')).toMatchObject({ rtsp_flags: 'prefer_tcp' });
  expect(networkOptions('rtsp://cam/1', 'tcp', '8.1')).toMatchObject({ rtsp_transport: 'tcp' });
  expect(networkOptions('rtsp://cam/1', 'udp', '8.1')).toMatchObject({ rtsp_transport: 'udp' });
});

// Records a looped clip into a folder as fast as it can, telling on standard output what is done, until it is killed.
import { writeSync } from 'node:fs';
import { silenceFfmpeg } from '../../ffmpeg.ts';
import { CameraWriter } from '../camera-writer.ts';
import { everything, TappedFile } from './tapped-packets.ts';

const [folder = '', clip = ''] = process.argv.slice(2);
const say = (...words: readonly (string | number)[]): void => {
  writeSync(1, `${words.join(' ')}\n`);
};
silenceFfmpeg();
const camera = new TappedFile(clip);
const writer = new CameraWriter({ folder, mode: 'continuous', thresholds: everything }, camera.clock, (news) => {
  if (news.kind === 'opened') say('opened', news.file, news.startMs);
  if (news.kind === 'closed') say('closed', news.file, news.endMs - news.startMs);
});
for (;;) {
  for (const message of camera.play(1_000)) {
    writer.hear(message);
    if (message.type === 'packet') say('packet', message.packet.dts / 90);
  }
}

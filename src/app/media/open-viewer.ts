import type { MediaRequest, PictureRequest } from '../../shared/contract/media.ts';
import type { MediaViewer } from '../app.ts';
import type { PacketRelay } from './packet-relay.ts';
import type { PictureRelay } from './picture-relay.ts';

/** One viewer of both: pictures of many cameras, and the packets of those that it decodes itself. */
export function openViewer(
  { pictures, packets }: { readonly pictures: PictureRelay; readonly packets: PacketRelay },
  deliver: (message: Uint8Array<ArrayBuffer>) => void,
): MediaViewer {
  const watched = pictures.open(deliver);
  const streamed = packets.open(deliver);
  return {
    request(message) {
      if (isOfPictures(message)) watched.request(message);
      else streamed.request(message);
    },
    close() {
      watched.close();
      streamed.close();
    },
  };
}

const isOfPictures = (message: MediaRequest): message is PictureRequest =>
  message.type === 'watch' || message.type === 'unwatch' || message.type === 'ack';

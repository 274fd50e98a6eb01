import { checkFile, startIsReadable } from './file-check.ts';
import { fileOpenFault, fileReadFault } from './file-faults.ts';
import { MediaFault } from './media-fault.ts';
import { VideoReader, type OpenOptions } from './video-reader.ts';
import { VideoTimeline } from './video-timeline.ts';

/** Containers that hold their own pictures. Anything that could name other files or addresses is not among them. */
const containers =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,ogg,mxf,nut,ivf,dv,gif,apng,' +
  'h264,hevc,av1,obu,m4v,mjpeg,mpjpeg,wtv,rm,swf,y4m,yuv4mpegpipe,dhav,vvc';

/** Opens a video file of an archive: local files only, whatever the container asks for. @throws MediaFault */
export function openVideoFile(
  path: string,
  limits: Pick<OpenOptions, 'maxPixels' | 'strict' | 'keyframesOnly' | 'tap' | 'hardware'>,
  onPacket?: () => void,
): VideoTimeline {
  checkFile(path);
  const open = (): VideoReader =>
    VideoReader.open(
      `file:${path}`,
      {
        ...limits,
        openFault: fileOpenFault,
        readFault: fileReadFault,
        options: { protocol_whitelist: 'file', format_whitelist: containers },
      },
      onPacket,
    );
  try {
    return new VideoTimeline(open);
  } catch (error) {
    // FFmpeg calls a container that ends inside its header an I/O error too; the disk itself knows better.
    if (error instanceof MediaFault && error.kind === 'unreadable' && startIsReadable(path)) {
      throw new MediaFault('undecodable', 'The video is cut off or damaged at its start.', { cause: error });
    }
    throw error;
  }
}

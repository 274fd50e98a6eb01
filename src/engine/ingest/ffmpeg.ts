import { AV_LOG_QUIET } from 'node-av/constants';
import { FFmpegError, Log, PosixError } from 'node-av/lib';

/** FFmpeg writes to standard error by itself; what matters reaches people as reasons instead. */
export function silenceFfmpeg(): void {
  Log.setLevel(AV_LOG_QUIET);
}

export const noTimestamp = -0x8000000000000000n; // AV_NOPTS_VALUE

/** FFmpeg's own words for an error number, e.g. "Invalid data found when processing input". */
export const ffmpegWords = (code: number): string => FFmpegError.strerror(code);

/** POSIX numbers come negated through FFmpeg; these are Linux', macOS' and Windows' shared ones. */
const posixNames: Readonly<Record<number, string>> = { 1: 'EPERM', 2: 'ENOENT', 5: 'EIO', 13: 'EACCES' };

export const posixName = (code: number): string | null => posixNames[-code] ?? null;

/** The decoder wants another packet, or gives a frame first (AVERROR(EAGAIN), which differs between systems). */
export const tryAgain: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** Of HTTP: a redirect more than is allowed, among others. */
export const inputOutput: number = FFmpegError.AVERROR(PosixError.EIO);

/** Somebody else has it open. */
export const deviceBusy: number = FFmpegError.AVERROR(PosixError.EBUSY);

/** Pulled out. */
export const noSuchDevice: number = FFmpegError.AVERROR(PosixError.ENODEV);

export const invalidArgument: number = FFmpegError.AVERROR(PosixError.EINVAL);

export const noSpace: number = FFmpegError.AVERROR(PosixError.ENOSPC);

/** Numbers that differ between systems. */
const systemError = (linux: number, macos: number, windows: number): number =>
  -(process.platform === 'linux' ? linux : process.platform === 'darwin' ? macos : windows);
export const timedOut = systemError(110, 60, 138);
export const connectionRefused = systemError(111, 61, 107);
export const connectionReset = systemError(104, 54, 108);
export const hostUnreachable = systemError(113, 65, 110);
export const networkUnreachable = systemError(101, 51, 118);
/** None of the transports that were asked for (RTSP's 461). */
export const protocolRefused = systemError(93, 43, 135);
/** Of the disk: a user's share of it is used up. */
export const quotaExceeded = systemError(122, 69, 0x7fff_ffff);

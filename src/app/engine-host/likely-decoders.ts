import type { HardwareDecoder } from '../../shared/domain/decoding.ts';
import { nvidiaCards, type MachineLook } from './likely-providers.ts';

export interface DecoderCandidate {
  readonly hardware: HardwareDecoder;
  /** Which one; null: the one there may be. */
  readonly path: string | null;
  /** Why it need not be tried, in words; null: try it. */
  readonly unlikely: string | null;
}

export interface LikelyDecoders {
  /** The favourite first. */
  readonly candidates: readonly DecoderCandidate[];
  /** Another text, and everything is tried again. */
  readonly machine: string;
}

const nvidiaVendor = '0x10de';

/**
 * Which hardware decoders are worth a try here, in node-av's order for the system. Only looks at names of files, so that a
 * machine without a graphics device starts as fast as before.
 */
export async function likelyDecoders(look: MachineLook): Promise<LikelyDecoders> {
  const always = (hardware: HardwareDecoder): DecoderCandidate => ({ hardware, path: null, unlikely: null });
  if (look.platform === 'darwin') return told(look, [always('videotoolbox')], []);
  if (look.platform === 'win32') return told(look, [always('cuda'), always('d3d11va')], []);
  const cards = await nvidiaCards(look);
  const cuda = { ...always('cuda'), unlikely: cards.length > 0 ? null : 'no NVIDIA card with its driver' };
  const nodes = await renderNodes(look);
  const vaapi = nodes.length > 0 ? nodes.map(vaapiOf) : [{ ...always('vaapi'), unlikely: 'no VAAPI device' }];
  const seen = [...cards, ...nodes.map(({ path, device }) => `${path} ${device}`)];
  if (!look.arch.startsWith('arm')) return told(look, [cuda, ...vaapi], seen);
  const hasRockchip = (await look.names('/dev')).includes('mpp_service');
  const rkmpp = { ...always('rkmpp'), unlikely: hasRockchip ? null : 'no Rockchip decoder' };
  return told(look, [rkmpp, ...vaapi, cuda], [...seen, ...(hasRockchip ? ['Rockchip'] : [])]);
}

interface RenderNode {
  readonly path: string;
  /** Vendor and device number. */
  readonly device: string;
}

async function renderNodes({ names, text }: MachineLook): Promise<readonly RenderNode[]> {
  const nodes: RenderNode[] = [];
  for (const name of (await names('/dev/dri')).filter((one) => one.startsWith('renderD'))) {
    const part = async (file: string): Promise<string> =>
      ((await text(`/sys/class/drm/${name}/device/${file}`)) ?? '').trim();
    nodes.push({ path: `/dev/dri/${name}`, device: `${await part('vendor')}:${await part('device')}` });
  }
  return nodes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** NVIDIA's own driver has no VAAPI. */
const vaapiOf = ({ path, device }: RenderNode): DecoderCandidate => ({
  hardware: 'vaapi',
  path,
  unlikely: device.startsWith(nvidiaVendor) ? 'an NVIDIA card has no VAAPI' : null,
});

const told = (
  { platform, arch }: MachineLook,
  candidates: readonly DecoderCandidate[],
  seen: readonly string[],
): LikelyDecoders => ({ candidates, machine: [`${platform} ${arch}`, ...seen].join(' | ') });

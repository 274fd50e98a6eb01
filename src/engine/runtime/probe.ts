import { InferenceSession } from 'onnxruntime-node';
import type { ProviderAvailability } from '../../shared/engine/protocol.ts';
import { knownProviders, reasonOf, sessionOptions } from './providers.ts';

/** The smallest ONNX file that runs: y = Relu(x), one float each. */
const oneNode = Buffer.from(
  'CAgSABoBMTIAOjwKEQoBeBIBeRoDbl8wIgRSZWx1EgVwcm9iZVoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE=',
  'base64',
);

/** Opens a session on every provider that onnxruntime knows here, so that the answer is the machine's, not a list's. */
export async function probeProviders(): Promise<readonly ProviderAvailability[]> {
  const providers: ProviderAvailability[] = [];
  for (const provider of knownProviders()) {
    try {
      const session = await InferenceSession.create(oneNode, sessionOptions(provider, 1));
      await session.release();
      providers.push({ provider, available: true, why: 'opens a session' });
    } catch (caught) {
      providers.push({ provider, available: false, why: reasonOf(provider, caught) });
    }
  }
  return providers;
}

import type { QueueStatus } from '../../shared/domain/system.ts';
import { maxInFlight, maxWaiting, type StoreLoad } from '../../store/client.ts';

/** The calls that the store's worker has, and behind them those that wait for one of them to end. */
export const storeQueues = ({ inFlight, waiting, refused }: StoreLoad): readonly QueueStatus[] => [
  {
    name: 'store-calls',
    unit: 'calls',
    waiting: inFlight,
    bound: maxInFlight,
    policy: 'callers-wait',
    givenUp: 0,
  },
  {
    name: 'store-callers',
    unit: 'calls',
    waiting,
    bound: maxWaiting,
    policy: 'refused',
    givenUp: refused,
  },
];

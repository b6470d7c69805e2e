import { LoadGenerator } from '../load/load-generator';
import { measureSideBySide, type Beside } from '../measure/side-by-side';
import type { Load } from '../measure/served';
import { startService, type Service } from '../servers/service';
import type { Bench, KeyResult } from './key';

/** Times of a round, in milliseconds. */
const warmUp = { warmUpMs: 200, windowMs: 6000 } as const;
const window = { warmUpMs: 150, windowMs: 1000 } as const;
const windows = 8;
const quickly = { warmUpMs: 200, windowMs: 500 } as const;

/** A tensor service with further settings, and the load put on it. */
export interface BesidePlan {
  readonly name: string;
  readonly flags: readonly string[];
  readonly load: Load;
  /** Told of the service of each round before it is ended. */
  readonly onEnd?: (service: Service) => Promise<void>;
}

/** Both sides of every round. */
export function besideSteps({ rounds }: Pick<Bench, 'rounds'>): number {
  return rounds * 2;
}

/** What a setting costs: the service with it and the service without it, side by side on one core. */
export function measureBeside(bench: Bench, numerator: BesidePlan, denominator: BesidePlan): Promise<KeyResult> {
  const start = async ({ name, flags, load, onEnd }: BesidePlan): Promise<Beside> => {
    const service = await startService(bench.group, { ...bench, folder: 'recommendation', flags });
    const generator = new LoadGenerator(bench.group);
    const end = async (): Promise<void> => {
      await generator.end();
      await onEnd?.(service);
      await service.end();
    };
    return { generator, server: { ...service, name }, load, end };
  };
  const { rounds, quick } = bench;
  const plan = quick ? { rounds, warmUp: quickly, window: quickly, windows: 1 } : { rounds, warmUp, window, windows };
  return measureSideBySide(
    { numerator: () => start(numerator), denominator: () => start(denominator) },
    plan,
    bench.onMeasured,
  );
}

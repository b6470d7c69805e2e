import type { Role } from '../access/grants';
import type { BuiltInMethod } from '../method';
import type { MethodMetrics } from '../metrics/serve-metrics';
import type { Admission } from './admission';
import type { RequestLimits } from './request-bytes';

/** A method as the door knows it. */
export interface ServedMethod {
  readonly path: string;
  /** The path without its leading slash. */
  readonly label: string;
  readonly method: BuiltInMethod['method'];
  readonly admission: Admission;
  readonly openEnded: boolean;
  readonly isUnary: boolean;
  /** Whether its calls may be traced: they are work, and they end. */
  readonly isTraceable: boolean;
  /** Undefined: for everybody. */
  readonly role: Role | undefined;
  readonly metrics: MethodMetrics;
  /** Limits of a request whose metadata name no compression. */
  readonly plainLimits: RequestLimits;
  readonly encodedLimits: RequestLimits;
}

/** Service and method. */
const methodPath = /^\/[\w.]+\/\w+$/;

/** What can be called, by its path. */
export class ServedMethods {
  private readonly methods = new Map<string, ServedMethod>();
  /** Handlers of whole services, by what comes before the name of a method: `/grpc.testing.TestService/`. */
  private readonly services = new Map<string, ServedMethod>();

  /**
   * @param maxMessageBytes of a request
   * @param metricsOf counters of a method, by its label
   */
  constructor(
    private readonly maxMessageBytes: number,
    private readonly metricsOf: (label: string) => MethodMetrics,
  ) {}

  /** @throws Error where the path is none of gRPC, or taken */
  add({ method, openEnded, forAll = false }: BuiltInMethod, admission: Admission, isTraceable: boolean): void {
    const { path } = method;
    const ofService = method.kind === 'bidi' && path.endsWith('/*');
    if (!methodPath.test(ofService ? path.replace('*', 'any') : path)) {
      throw new Error(`'${path}' is not the path of a gRPC method`);
    }
    const [handlers, key] = ofService ? [this.services, path.slice(0, -1)] : [this.methods, path];
    if (handlers.has(key)) throw new Error(`two handlers for ${path}`);
    const label = path.slice(1);
    const { maxMessageBytes } = this;
    const plainLimits = { maxMessageBytes, oneMessage: method.kind !== 'bidi', encoded: false };
    handlers.set(key, {
      path,
      label,
      method,
      admission,
      openEnded,
      isUnary: method.kind === 'unary' || method.kind === 'unaryInPieces',
      isTraceable,
      role: forAll ? undefined : (method.role ?? 'admin'),
      metrics: this.metricsOf(label),
      plainLimits,
      encodedLimits: { ...plainLimits, encoded: true },
    });
  }

  /** The method of a path, or the handler of its whole service; undefined: nobody has it. */
  find(path: string): ServedMethod | undefined {
    const method = this.methods.get(path);
    if (method !== undefined || this.services.size === 0 || !methodPath.test(path)) return method;
    return this.services.get(path.slice(0, path.lastIndexOf('/') + 1));
  }

  /** Each once, in the order they were added, those of whole services last. */
  list(): readonly ServedMethod[] {
    return [...this.methods.values(), ...this.services.values()];
  }
}

// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.
import * as $protobuf from "protobufjs/minimal";
import Long = require("long");

/** Namespace google. */
export namespace google {

    /** Namespace protobuf. */
    namespace protobuf {

        /**
         * Properties of a Duration.
         * @deprecated Use google.protobuf.Duration.$Properties instead.
         */
        interface IDuration extends google.protobuf.Duration.$Properties {
        }

        /** Represents a Duration. */
        class Duration {

            /**
             * Constructs a new Duration.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.protobuf.Duration.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Duration seconds. */
            seconds: (number|Long);

            /** Duration nanos. */
            nanos: number;

            /**
             * Creates a new Duration instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Duration instance
             */
            static create(properties: google.protobuf.Duration.$Shape): google.protobuf.Duration & google.protobuf.Duration.$Shape;
            static create(properties?: google.protobuf.Duration.$Properties): google.protobuf.Duration;

            /**
             * Encodes the specified Duration message. Does not implicitly {@link google.protobuf.Duration.verify|verify} messages.
             * @param message Duration message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.protobuf.Duration.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Duration message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.protobuf.Duration & google.protobuf.Duration.$Shape} Duration
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.protobuf.Duration & google.protobuf.Duration.$Shape;
        }

        namespace Duration {

            /** Properties of a Duration. */
            interface $Properties {

                /** Duration seconds */
                seconds?: (number|Long|null);

                /** Duration nanos */
                nanos?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Duration. */
            type $Shape = google.protobuf.Duration.$Properties;
        }

        /**
         * Properties of an Any.
         * @deprecated Use google.protobuf.Any.$Properties instead.
         */
        interface IAny extends google.protobuf.Any.$Properties {
        }

        /** Represents an Any. */
        class Any {

            /**
             * Constructs a new Any.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.protobuf.Any.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Any type_url. */
            type_url: string;

            /** Any value. */
            value: Uint8Array;

            /**
             * Creates a new Any instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Any instance
             */
            static create(properties: google.protobuf.Any.$Shape): google.protobuf.Any & google.protobuf.Any.$Shape;
            static create(properties?: google.protobuf.Any.$Properties): google.protobuf.Any;

            /**
             * Encodes the specified Any message. Does not implicitly {@link google.protobuf.Any.verify|verify} messages.
             * @param message Any message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.protobuf.Any.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Any message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.protobuf.Any & google.protobuf.Any.$Shape} Any
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.protobuf.Any & google.protobuf.Any.$Shape;
        }

        namespace Any {

            /** Properties of an Any. */
            interface $Properties {

                /** Any type_url */
                type_url?: (string|null);

                /** Any value */
                value?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Any. */
            type $Shape = google.protobuf.Any.$Properties;
        }
    }

    /** Namespace rpc. */
    namespace rpc {

        /**
         * Properties of an ErrorInfo.
         * @deprecated Use google.rpc.ErrorInfo.$Properties instead.
         */
        interface IErrorInfo extends google.rpc.ErrorInfo.$Properties {
        }

        /** Why a call failed, for programs. */
        class ErrorInfo {

            /**
             * Constructs a new ErrorInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.rpc.ErrorInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Reason of the catalogue (docs/errors.md), e.g. "MODEL_NOT_FOUND". */
            reason: string;

            /** "tributary". */
            domain: string;

            /** `field`, `expected` and `got`, each where there is something to say. */
            metadata: { [k: string]: string };

            /**
             * Creates a new ErrorInfo instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ErrorInfo instance
             */
            static create(properties: google.rpc.ErrorInfo.$Shape): google.rpc.ErrorInfo & google.rpc.ErrorInfo.$Shape;
            static create(properties?: google.rpc.ErrorInfo.$Properties): google.rpc.ErrorInfo;

            /**
             * Encodes the specified ErrorInfo message. Does not implicitly {@link google.rpc.ErrorInfo.verify|verify} messages.
             * @param message ErrorInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.rpc.ErrorInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ErrorInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.rpc.ErrorInfo & google.rpc.ErrorInfo.$Shape} ErrorInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.rpc.ErrorInfo & google.rpc.ErrorInfo.$Shape;
        }

        namespace ErrorInfo {

            /** Properties of an ErrorInfo. */
            interface $Properties {

                /** Reason of the catalogue (docs/errors.md), e.g. "MODEL_NOT_FOUND". */
                reason?: (string|null);

                /** "tributary". */
                domain?: (string|null);

                /** `field`, `expected` and `got`, each where there is something to say. */
                metadata?: ({ [k: string]: string }|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ErrorInfo. */
            type $Shape = google.rpc.ErrorInfo.$Properties;
        }

        /**
         * Properties of a BadRequest.
         * @deprecated Use google.rpc.BadRequest.$Properties instead.
         */
        interface IBadRequest extends google.rpc.BadRequest.$Properties {
        }

        /** What is wrong with a request. */
        class BadRequest {

            /**
             * Constructs a new BadRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.rpc.BadRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The faults. */
            fieldViolations: google.rpc.BadRequest.FieldViolation.$Properties[];

            /**
             * Creates a new BadRequest instance using the specified properties.
             * @param [properties] Properties to set
             * @returns BadRequest instance
             */
            static create(properties: google.rpc.BadRequest.$Shape): google.rpc.BadRequest & google.rpc.BadRequest.$Shape;
            static create(properties?: google.rpc.BadRequest.$Properties): google.rpc.BadRequest;

            /**
             * Encodes the specified BadRequest message. Does not implicitly {@link google.rpc.BadRequest.verify|verify} messages.
             * @param message BadRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.rpc.BadRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BadRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.rpc.BadRequest & google.rpc.BadRequest.$Shape} BadRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.rpc.BadRequest & google.rpc.BadRequest.$Shape;
        }

        namespace BadRequest {

            /** Properties of a BadRequest. */
            interface $Properties {

                /** The faults. */
                fieldViolations?: (google.rpc.BadRequest.FieldViolation.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BadRequest. */
            type $Shape = google.rpc.BadRequest.$Properties;

            /**
             * Properties of a FieldViolation.
             * @deprecated Use google.rpc.BadRequest.FieldViolation.$Properties instead.
             */
            interface IFieldViolation extends google.rpc.BadRequest.FieldViolation.$Properties {
            }

            /** One fault. */
            class FieldViolation {

                /**
                 * Constructs a new FieldViolation.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: google.rpc.BadRequest.FieldViolation.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Path of the field in the request, e.g. "inputs[0].shape". */
                field: string;

                /** What is wrong with it. */
                description: string;

                /**
                 * Creates a new FieldViolation instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns FieldViolation instance
                 */
                static create(properties: google.rpc.BadRequest.FieldViolation.$Shape): google.rpc.BadRequest.FieldViolation & google.rpc.BadRequest.FieldViolation.$Shape;
                static create(properties?: google.rpc.BadRequest.FieldViolation.$Properties): google.rpc.BadRequest.FieldViolation;

                /**
                 * Encodes the specified FieldViolation message. Does not implicitly {@link google.rpc.BadRequest.FieldViolation.verify|verify} messages.
                 * @param message FieldViolation message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: google.rpc.BadRequest.FieldViolation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FieldViolation message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {google.rpc.BadRequest.FieldViolation & google.rpc.BadRequest.FieldViolation.$Shape} FieldViolation
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.rpc.BadRequest.FieldViolation & google.rpc.BadRequest.FieldViolation.$Shape;
            }

            namespace FieldViolation {

                /** Properties of a FieldViolation. */
                interface $Properties {

                    /** Path of the field in the request, e.g. "inputs[0].shape". */
                    field?: (string|null);

                    /** What is wrong with it. */
                    description?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FieldViolation. */
                type $Shape = google.rpc.BadRequest.FieldViolation.$Properties;
            }
        }

        /**
         * Properties of a RetryInfo.
         * @deprecated Use google.rpc.RetryInfo.$Properties instead.
         */
        interface IRetryInfo extends google.rpc.RetryInfo.$Properties {
        }

        /** When to try again. */
        class RetryInfo {

            /**
             * Constructs a new RetryInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.rpc.RetryInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Least time to wait before the next try. */
            retryDelay?: (google.protobuf.Duration.$Properties|null);

            /**
             * Creates a new RetryInfo instance using the specified properties.
             * @param [properties] Properties to set
             * @returns RetryInfo instance
             */
            static create(properties: google.rpc.RetryInfo.$Shape): google.rpc.RetryInfo & google.rpc.RetryInfo.$Shape;
            static create(properties?: google.rpc.RetryInfo.$Properties): google.rpc.RetryInfo;

            /**
             * Encodes the specified RetryInfo message. Does not implicitly {@link google.rpc.RetryInfo.verify|verify} messages.
             * @param message RetryInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.rpc.RetryInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RetryInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.rpc.RetryInfo & google.rpc.RetryInfo.$Shape} RetryInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.rpc.RetryInfo & google.rpc.RetryInfo.$Shape;
        }

        namespace RetryInfo {

            /** Properties of a RetryInfo. */
            interface $Properties {

                /** Least time to wait before the next try. */
                retryDelay?: (google.protobuf.Duration.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RetryInfo. */
            type $Shape = google.rpc.RetryInfo.$Properties;
        }

        /**
         * Properties of a Status.
         * @deprecated Use google.rpc.Status.$Properties instead.
         */
        interface IStatus extends google.rpc.Status.$Properties {
        }

        /** The status of a call, with what there is to say about it. */
        class Status {

            /**
             * Constructs a new Status.
             * @param [properties] Properties to set
             */
            constructor(properties?: google.rpc.Status.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** gRPC status code, 0 to 16. */
            code: number;

            /** The status message. */
            message: string;

            /** An ErrorInfo always; a BadRequest where a field of the request is at fault; a RetryInfo where the server names a delay. */
            details: google.protobuf.Any.$Properties[];

            /**
             * Creates a new Status instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Status instance
             */
            static create(properties: google.rpc.Status.$Shape): google.rpc.Status & google.rpc.Status.$Shape;
            static create(properties?: google.rpc.Status.$Properties): google.rpc.Status;

            /**
             * Encodes the specified Status message. Does not implicitly {@link google.rpc.Status.verify|verify} messages.
             * @param message Status message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.rpc.Status.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Status message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.rpc.Status & google.rpc.Status.$Shape} Status
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.rpc.Status & google.rpc.Status.$Shape;
        }

        namespace Status {

            /** Properties of a Status. */
            interface $Properties {

                /** gRPC status code, 0 to 16. */
                code?: (number|null);

                /** The status message. */
                message?: (string|null);

                /** An ErrorInfo always; a BadRequest where a field of the request is at fault; a RetryInfo where the server names a delay. */
                details?: (google.protobuf.Any.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Status. */
            type $Shape = google.rpc.Status.$Properties;
        }
    }
}

/** Namespace grpc. */
export namespace grpc {

    /** Namespace health. */
    namespace health {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a HealthCheckRequest.
             * @deprecated Use grpc.health.v1.HealthCheckRequest.$Properties instead.
             */
            interface IHealthCheckRequest extends grpc.health.v1.HealthCheckRequest.$Properties {
            }

            /** Names what is asked about. */
            class HealthCheckRequest {

                /**
                 * Constructs a new HealthCheckRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.health.v1.HealthCheckRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Empty: the process. Else a gRPC service, e.g. "inference.GRPCInferenceService"; "model/<name>"; "liveness" or "readiness". */
                service: string;

                /**
                 * Creates a new HealthCheckRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns HealthCheckRequest instance
                 */
                static create(properties: grpc.health.v1.HealthCheckRequest.$Shape): grpc.health.v1.HealthCheckRequest & grpc.health.v1.HealthCheckRequest.$Shape;
                static create(properties?: grpc.health.v1.HealthCheckRequest.$Properties): grpc.health.v1.HealthCheckRequest;

                /**
                 * Encodes the specified HealthCheckRequest message. Does not implicitly {@link grpc.health.v1.HealthCheckRequest.verify|verify} messages.
                 * @param message HealthCheckRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.health.v1.HealthCheckRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a HealthCheckRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.health.v1.HealthCheckRequest & grpc.health.v1.HealthCheckRequest.$Shape} HealthCheckRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.health.v1.HealthCheckRequest & grpc.health.v1.HealthCheckRequest.$Shape;
            }

            namespace HealthCheckRequest {

                /** Properties of a HealthCheckRequest. */
                interface $Properties {

                    /** Empty: the process. Else a gRPC service, e.g. "inference.GRPCInferenceService"; "model/<name>"; "liveness" or "readiness". */
                    service?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a HealthCheckRequest. */
                type $Shape = grpc.health.v1.HealthCheckRequest.$Properties;
            }

            /**
             * Properties of a HealthCheckResponse.
             * @deprecated Use grpc.health.v1.HealthCheckResponse.$Properties instead.
             */
            interface IHealthCheckResponse extends grpc.health.v1.HealthCheckResponse.$Properties {
            }

            /** Status of what was asked about. */
            class HealthCheckResponse {

                /**
                 * Constructs a new HealthCheckResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.health.v1.HealthCheckResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** The state. */
                status: grpc.health.v1.HealthCheckResponse.ServingStatus;

                /**
                 * Creates a new HealthCheckResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns HealthCheckResponse instance
                 */
                static create(properties: grpc.health.v1.HealthCheckResponse.$Shape): grpc.health.v1.HealthCheckResponse & grpc.health.v1.HealthCheckResponse.$Shape;
                static create(properties?: grpc.health.v1.HealthCheckResponse.$Properties): grpc.health.v1.HealthCheckResponse;

                /**
                 * Encodes the specified HealthCheckResponse message. Does not implicitly {@link grpc.health.v1.HealthCheckResponse.verify|verify} messages.
                 * @param message HealthCheckResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.health.v1.HealthCheckResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a HealthCheckResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.health.v1.HealthCheckResponse & grpc.health.v1.HealthCheckResponse.$Shape} HealthCheckResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.health.v1.HealthCheckResponse & grpc.health.v1.HealthCheckResponse.$Shape;
            }

            namespace HealthCheckResponse {

                /** Properties of a HealthCheckResponse. */
                interface $Properties {

                    /** The state. */
                    status?: (grpc.health.v1.HealthCheckResponse.ServingStatus|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a HealthCheckResponse. */
                type $Shape = grpc.health.v1.HealthCheckResponse.$Properties;

                /** States of a service. */
                enum ServingStatus {

                    /** Never sent. */
                    UNKNOWN = 0,

                    /** Calls are answered. */
                    SERVING = 1,

                    /** Calls are not answered: loading, not ready, or draining. */
                    NOT_SERVING = 2,

                    /** Watch only: the name is not known. */
                    SERVICE_UNKNOWN = 3
                }
            }
        }
    }

    /** Namespace reflection. */
    namespace reflection {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a ServerReflectionRequest.
             * @deprecated Use grpc.reflection.v1.ServerReflectionRequest.$Properties instead.
             */
            interface IServerReflectionRequest extends grpc.reflection.v1.ServerReflectionRequest.$Properties {
            }

            /** One question. */
            class ServerReflectionRequest {

                /**
                 * Constructs a new ServerReflectionRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ServerReflectionRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ignored. */
                host: string;

                /** Path of a .proto file, e.g. "inference/grpc_service.proto": that file. */
                fileByFilename?: (string|null);

                /** Full name of a service, method, message, field or enum: the file that declares it. */
                fileContainingSymbol?: (string|null);

                /** An extension: the file that declares it. There is none here. */
                fileContainingExtension?: (grpc.reflection.v1.ExtensionRequest.$Properties|null);

                /** Full name of a message: the numbers of its extensions. There is none here. */
                allExtensionNumbersOfType?: (string|null);

                /** Any text: the names of all services. */
                listServices?: (string|null);

                /** The question. */
                messageRequest?: ("fileByFilename"|"fileContainingSymbol"|"fileContainingExtension"|"allExtensionNumbersOfType"|"listServices");

                /**
                 * Creates a new ServerReflectionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServerReflectionRequest instance
                 */
                static create(properties: grpc.reflection.v1.ServerReflectionRequest.$Shape): grpc.reflection.v1.ServerReflectionRequest & grpc.reflection.v1.ServerReflectionRequest.$Shape;
                static create(properties?: grpc.reflection.v1.ServerReflectionRequest.$Properties): grpc.reflection.v1.ServerReflectionRequest;

                /**
                 * Encodes the specified ServerReflectionRequest message. Does not implicitly {@link grpc.reflection.v1.ServerReflectionRequest.verify|verify} messages.
                 * @param message ServerReflectionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ServerReflectionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServerReflectionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ServerReflectionRequest & grpc.reflection.v1.ServerReflectionRequest.$Shape} ServerReflectionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ServerReflectionRequest & grpc.reflection.v1.ServerReflectionRequest.$Shape;
            }

            namespace ServerReflectionRequest {

                /** Properties of a ServerReflectionRequest. */
                interface $Properties {

                    /** Ignored. */
                    host?: (string|null);

                    /** Path of a .proto file, e.g. "inference/grpc_service.proto": that file. */
                    fileByFilename?: (string|null);

                    /** Full name of a service, method, message, field or enum: the file that declares it. */
                    fileContainingSymbol?: (string|null);

                    /** An extension: the file that declares it. There is none here. */
                    fileContainingExtension?: (grpc.reflection.v1.ExtensionRequest.$Properties|null);

                    /** Full name of a message: the numbers of its extensions. There is none here. */
                    allExtensionNumbersOfType?: (string|null);

                    /** Any text: the names of all services. */
                    listServices?: (string|null);

                    /** The question. */
                    messageRequest?: ("fileByFilename"|"fileContainingSymbol"|"fileContainingExtension"|"allExtensionNumbersOfType"|"listServices");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a ServerReflectionRequest. */
                type $Shape = {
                  host?: string|null;
                  fileByFilename?: string|null;
                  fileContainingSymbol?: string|null;
                  fileContainingExtension?: grpc.reflection.v1.ExtensionRequest.$Shape|null;
                  allExtensionNumbersOfType?: string|null;
                  listServices?: string|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ messageRequest?: undefined; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileByFilename"; fileByFilename: string; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileContainingSymbol"; fileByFilename?: null; fileContainingSymbol: string; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileContainingExtension"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension: grpc.reflection.v1.ExtensionRequest.$Shape; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "allExtensionNumbersOfType"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType: string; listServices?: null }|{ messageRequest?: "listServices"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices: string })
                );
            }

            /**
             * Properties of an ExtensionRequest.
             * @deprecated Use grpc.reflection.v1.ExtensionRequest.$Properties instead.
             */
            interface IExtensionRequest extends grpc.reflection.v1.ExtensionRequest.$Properties {
            }

            /** Names an extension. */
            class ExtensionRequest {

                /**
                 * Constructs a new ExtensionRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ExtensionRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Full name of the extended message. */
                containingType: string;

                /** Number of the extension. */
                extensionNumber: number;

                /**
                 * Creates a new ExtensionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExtensionRequest instance
                 */
                static create(properties: grpc.reflection.v1.ExtensionRequest.$Shape): grpc.reflection.v1.ExtensionRequest & grpc.reflection.v1.ExtensionRequest.$Shape;
                static create(properties?: grpc.reflection.v1.ExtensionRequest.$Properties): grpc.reflection.v1.ExtensionRequest;

                /**
                 * Encodes the specified ExtensionRequest message. Does not implicitly {@link grpc.reflection.v1.ExtensionRequest.verify|verify} messages.
                 * @param message ExtensionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ExtensionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExtensionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ExtensionRequest & grpc.reflection.v1.ExtensionRequest.$Shape} ExtensionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ExtensionRequest & grpc.reflection.v1.ExtensionRequest.$Shape;
            }

            namespace ExtensionRequest {

                /** Properties of an ExtensionRequest. */
                interface $Properties {

                    /** Full name of the extended message. */
                    containingType?: (string|null);

                    /** Number of the extension. */
                    extensionNumber?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExtensionRequest. */
                type $Shape = grpc.reflection.v1.ExtensionRequest.$Properties;
            }

            /**
             * Properties of a ServerReflectionResponse.
             * @deprecated Use grpc.reflection.v1.ServerReflectionResponse.$Properties instead.
             */
            interface IServerReflectionResponse extends grpc.reflection.v1.ServerReflectionResponse.$Properties {
            }

            /** One answer. */
            class ServerReflectionResponse {

                /**
                 * Constructs a new ServerReflectionResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ServerReflectionResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Host of the question. */
                validHost: string;

                /** The question. */
                originalRequest?: (grpc.reflection.v1.ServerReflectionRequest.$Properties|null);

                /** To file_by_filename, file_containing_symbol and file_containing_extension. */
                fileDescriptorResponse?: (grpc.reflection.v1.FileDescriptorResponse.$Properties|null);

                /** To all_extension_numbers_of_type. */
                allExtensionNumbersResponse?: (grpc.reflection.v1.ExtensionNumberResponse.$Properties|null);

                /** To list_services. */
                listServicesResponse?: (grpc.reflection.v1.ListServiceResponse.$Properties|null);

                /** To a question that cannot be answered. */
                errorResponse?: (grpc.reflection.v1.ErrorResponse.$Properties|null);

                /** The answer. */
                messageResponse?: ("fileDescriptorResponse"|"allExtensionNumbersResponse"|"listServicesResponse"|"errorResponse");

                /**
                 * Creates a new ServerReflectionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServerReflectionResponse instance
                 */
                static create(properties: grpc.reflection.v1.ServerReflectionResponse.$Shape): grpc.reflection.v1.ServerReflectionResponse & grpc.reflection.v1.ServerReflectionResponse.$Shape;
                static create(properties?: grpc.reflection.v1.ServerReflectionResponse.$Properties): grpc.reflection.v1.ServerReflectionResponse;

                /**
                 * Encodes the specified ServerReflectionResponse message. Does not implicitly {@link grpc.reflection.v1.ServerReflectionResponse.verify|verify} messages.
                 * @param message ServerReflectionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ServerReflectionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServerReflectionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ServerReflectionResponse & grpc.reflection.v1.ServerReflectionResponse.$Shape} ServerReflectionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ServerReflectionResponse & grpc.reflection.v1.ServerReflectionResponse.$Shape;
            }

            namespace ServerReflectionResponse {

                /** Properties of a ServerReflectionResponse. */
                interface $Properties {

                    /** Host of the question. */
                    validHost?: (string|null);

                    /** The question. */
                    originalRequest?: (grpc.reflection.v1.ServerReflectionRequest.$Properties|null);

                    /** To file_by_filename, file_containing_symbol and file_containing_extension. */
                    fileDescriptorResponse?: (grpc.reflection.v1.FileDescriptorResponse.$Properties|null);

                    /** To all_extension_numbers_of_type. */
                    allExtensionNumbersResponse?: (grpc.reflection.v1.ExtensionNumberResponse.$Properties|null);

                    /** To list_services. */
                    listServicesResponse?: (grpc.reflection.v1.ListServiceResponse.$Properties|null);

                    /** To a question that cannot be answered. */
                    errorResponse?: (grpc.reflection.v1.ErrorResponse.$Properties|null);

                    /** The answer. */
                    messageResponse?: ("fileDescriptorResponse"|"allExtensionNumbersResponse"|"listServicesResponse"|"errorResponse");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a ServerReflectionResponse. */
                type $Shape = {
                  validHost?: string|null;
                  originalRequest?: grpc.reflection.v1.ServerReflectionRequest.$Shape|null;
                  fileDescriptorResponse?: grpc.reflection.v1.FileDescriptorResponse.$Shape|null;
                  allExtensionNumbersResponse?: grpc.reflection.v1.ExtensionNumberResponse.$Shape|null;
                  listServicesResponse?: grpc.reflection.v1.ListServiceResponse.$Shape|null;
                  errorResponse?: grpc.reflection.v1.ErrorResponse.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ messageResponse?: undefined; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "fileDescriptorResponse"; fileDescriptorResponse: grpc.reflection.v1.FileDescriptorResponse.$Shape; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "allExtensionNumbersResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse: grpc.reflection.v1.ExtensionNumberResponse.$Shape; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "listServicesResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse: grpc.reflection.v1.ListServiceResponse.$Shape; errorResponse?: null }|{ messageResponse?: "errorResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse: grpc.reflection.v1.ErrorResponse.$Shape })
                );
            }

            /**
             * Properties of a FileDescriptorResponse.
             * @deprecated Use grpc.reflection.v1.FileDescriptorResponse.$Properties instead.
             */
            interface IFileDescriptorResponse extends grpc.reflection.v1.FileDescriptorResponse.$Properties {
            }

            /** Files. */
            class FileDescriptorResponse {

                /**
                 * Constructs a new FileDescriptorResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.FileDescriptorResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** The file asked for and all that it imports, each a serialized google.protobuf.FileDescriptorProto. */
                fileDescriptorProto: Uint8Array[];

                /**
                 * Creates a new FileDescriptorResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns FileDescriptorResponse instance
                 */
                static create(properties: grpc.reflection.v1.FileDescriptorResponse.$Shape): grpc.reflection.v1.FileDescriptorResponse & grpc.reflection.v1.FileDescriptorResponse.$Shape;
                static create(properties?: grpc.reflection.v1.FileDescriptorResponse.$Properties): grpc.reflection.v1.FileDescriptorResponse;

                /**
                 * Encodes the specified FileDescriptorResponse message. Does not implicitly {@link grpc.reflection.v1.FileDescriptorResponse.verify|verify} messages.
                 * @param message FileDescriptorResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.FileDescriptorResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FileDescriptorResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.FileDescriptorResponse & grpc.reflection.v1.FileDescriptorResponse.$Shape} FileDescriptorResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.FileDescriptorResponse & grpc.reflection.v1.FileDescriptorResponse.$Shape;
            }

            namespace FileDescriptorResponse {

                /** Properties of a FileDescriptorResponse. */
                interface $Properties {

                    /** The file asked for and all that it imports, each a serialized google.protobuf.FileDescriptorProto. */
                    fileDescriptorProto?: (Uint8Array[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FileDescriptorResponse. */
                type $Shape = grpc.reflection.v1.FileDescriptorResponse.$Properties;
            }

            /**
             * Properties of an ExtensionNumberResponse.
             * @deprecated Use grpc.reflection.v1.ExtensionNumberResponse.$Properties instead.
             */
            interface IExtensionNumberResponse extends grpc.reflection.v1.ExtensionNumberResponse.$Properties {
            }

            /** Extensions of a message. */
            class ExtensionNumberResponse {

                /**
                 * Constructs a new ExtensionNumberResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ExtensionNumberResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Full name of the message. */
                baseTypeName: string;

                /** Numbers of its extensions. */
                extensionNumber: number[];

                /**
                 * Creates a new ExtensionNumberResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExtensionNumberResponse instance
                 */
                static create(properties: grpc.reflection.v1.ExtensionNumberResponse.$Shape): grpc.reflection.v1.ExtensionNumberResponse & grpc.reflection.v1.ExtensionNumberResponse.$Shape;
                static create(properties?: grpc.reflection.v1.ExtensionNumberResponse.$Properties): grpc.reflection.v1.ExtensionNumberResponse;

                /**
                 * Encodes the specified ExtensionNumberResponse message. Does not implicitly {@link grpc.reflection.v1.ExtensionNumberResponse.verify|verify} messages.
                 * @param message ExtensionNumberResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ExtensionNumberResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExtensionNumberResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ExtensionNumberResponse & grpc.reflection.v1.ExtensionNumberResponse.$Shape} ExtensionNumberResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ExtensionNumberResponse & grpc.reflection.v1.ExtensionNumberResponse.$Shape;
            }

            namespace ExtensionNumberResponse {

                /** Properties of an ExtensionNumberResponse. */
                interface $Properties {

                    /** Full name of the message. */
                    baseTypeName?: (string|null);

                    /** Numbers of its extensions. */
                    extensionNumber?: (number[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExtensionNumberResponse. */
                type $Shape = grpc.reflection.v1.ExtensionNumberResponse.$Properties;
            }

            /**
             * Properties of a ListServiceResponse.
             * @deprecated Use grpc.reflection.v1.ListServiceResponse.$Properties instead.
             */
            interface IListServiceResponse extends grpc.reflection.v1.ListServiceResponse.$Properties {
            }

            /** All services. */
            class ListServiceResponse {

                /**
                 * Constructs a new ListServiceResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ListServiceResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** One entry per service. */
                service: grpc.reflection.v1.ServiceResponse.$Properties[];

                /**
                 * Creates a new ListServiceResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListServiceResponse instance
                 */
                static create(properties: grpc.reflection.v1.ListServiceResponse.$Shape): grpc.reflection.v1.ListServiceResponse & grpc.reflection.v1.ListServiceResponse.$Shape;
                static create(properties?: grpc.reflection.v1.ListServiceResponse.$Properties): grpc.reflection.v1.ListServiceResponse;

                /**
                 * Encodes the specified ListServiceResponse message. Does not implicitly {@link grpc.reflection.v1.ListServiceResponse.verify|verify} messages.
                 * @param message ListServiceResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ListServiceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListServiceResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ListServiceResponse & grpc.reflection.v1.ListServiceResponse.$Shape} ListServiceResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ListServiceResponse & grpc.reflection.v1.ListServiceResponse.$Shape;
            }

            namespace ListServiceResponse {

                /** Properties of a ListServiceResponse. */
                interface $Properties {

                    /** One entry per service. */
                    service?: (grpc.reflection.v1.ServiceResponse.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListServiceResponse. */
                type $Shape = grpc.reflection.v1.ListServiceResponse.$Properties;
            }

            /**
             * Properties of a ServiceResponse.
             * @deprecated Use grpc.reflection.v1.ServiceResponse.$Properties instead.
             */
            interface IServiceResponse extends grpc.reflection.v1.ServiceResponse.$Properties {
            }

            /** One service. */
            class ServiceResponse {

                /**
                 * Constructs a new ServiceResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ServiceResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Its full name. */
                name: string;

                /**
                 * Creates a new ServiceResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServiceResponse instance
                 */
                static create(properties: grpc.reflection.v1.ServiceResponse.$Shape): grpc.reflection.v1.ServiceResponse & grpc.reflection.v1.ServiceResponse.$Shape;
                static create(properties?: grpc.reflection.v1.ServiceResponse.$Properties): grpc.reflection.v1.ServiceResponse;

                /**
                 * Encodes the specified ServiceResponse message. Does not implicitly {@link grpc.reflection.v1.ServiceResponse.verify|verify} messages.
                 * @param message ServiceResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ServiceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServiceResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ServiceResponse & grpc.reflection.v1.ServiceResponse.$Shape} ServiceResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ServiceResponse & grpc.reflection.v1.ServiceResponse.$Shape;
            }

            namespace ServiceResponse {

                /** Properties of a ServiceResponse. */
                interface $Properties {

                    /** Its full name. */
                    name?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ServiceResponse. */
                type $Shape = grpc.reflection.v1.ServiceResponse.$Properties;
            }

            /**
             * Properties of an ErrorResponse.
             * @deprecated Use grpc.reflection.v1.ErrorResponse.$Properties instead.
             */
            interface IErrorResponse extends grpc.reflection.v1.ErrorResponse.$Properties {
            }

            /** Why there is no answer. */
            class ErrorResponse {

                /**
                 * Constructs a new ErrorResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1.ErrorResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** A gRPC status code. */
                errorCode: number;

                /** What it is about. */
                errorMessage: string;

                /**
                 * Creates a new ErrorResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ErrorResponse instance
                 */
                static create(properties: grpc.reflection.v1.ErrorResponse.$Shape): grpc.reflection.v1.ErrorResponse & grpc.reflection.v1.ErrorResponse.$Shape;
                static create(properties?: grpc.reflection.v1.ErrorResponse.$Properties): grpc.reflection.v1.ErrorResponse;

                /**
                 * Encodes the specified ErrorResponse message. Does not implicitly {@link grpc.reflection.v1.ErrorResponse.verify|verify} messages.
                 * @param message ErrorResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1.ErrorResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ErrorResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1.ErrorResponse & grpc.reflection.v1.ErrorResponse.$Shape} ErrorResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1.ErrorResponse & grpc.reflection.v1.ErrorResponse.$Shape;
            }

            namespace ErrorResponse {

                /** Properties of an ErrorResponse. */
                interface $Properties {

                    /** A gRPC status code. */
                    errorCode?: (number|null);

                    /** What it is about. */
                    errorMessage?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ErrorResponse. */
                type $Shape = grpc.reflection.v1.ErrorResponse.$Properties;
            }
        }

        /** Namespace v1alpha. */
        namespace v1alpha {

            /**
             * Properties of a ServerReflectionRequest.
             * @deprecated Use grpc.reflection.v1alpha.ServerReflectionRequest.$Properties instead.
             */
            interface IServerReflectionRequest extends grpc.reflection.v1alpha.ServerReflectionRequest.$Properties {
            }

            /** One question. */
            class ServerReflectionRequest {

                /**
                 * Constructs a new ServerReflectionRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ServerReflectionRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ignored. */
                host: string;

                /** Path of a .proto file, e.g. "inference/grpc_service.proto": that file. */
                fileByFilename?: (string|null);

                /** Full name of a service, method, message, field or enum: the file that declares it. */
                fileContainingSymbol?: (string|null);

                /** An extension: the file that declares it. There is none here. */
                fileContainingExtension?: (grpc.reflection.v1alpha.ExtensionRequest.$Properties|null);

                /** Full name of a message: the numbers of its extensions. There is none here. */
                allExtensionNumbersOfType?: (string|null);

                /** Any text: the names of all services. */
                listServices?: (string|null);

                /** The question. */
                messageRequest?: ("fileByFilename"|"fileContainingSymbol"|"fileContainingExtension"|"allExtensionNumbersOfType"|"listServices");

                /**
                 * Creates a new ServerReflectionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServerReflectionRequest instance
                 */
                static create(properties: grpc.reflection.v1alpha.ServerReflectionRequest.$Shape): grpc.reflection.v1alpha.ServerReflectionRequest & grpc.reflection.v1alpha.ServerReflectionRequest.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ServerReflectionRequest.$Properties): grpc.reflection.v1alpha.ServerReflectionRequest;

                /**
                 * Encodes the specified ServerReflectionRequest message. Does not implicitly {@link grpc.reflection.v1alpha.ServerReflectionRequest.verify|verify} messages.
                 * @param message ServerReflectionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ServerReflectionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServerReflectionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ServerReflectionRequest & grpc.reflection.v1alpha.ServerReflectionRequest.$Shape} ServerReflectionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ServerReflectionRequest & grpc.reflection.v1alpha.ServerReflectionRequest.$Shape;
            }

            namespace ServerReflectionRequest {

                /** Properties of a ServerReflectionRequest. */
                interface $Properties {

                    /** Ignored. */
                    host?: (string|null);

                    /** Path of a .proto file, e.g. "inference/grpc_service.proto": that file. */
                    fileByFilename?: (string|null);

                    /** Full name of a service, method, message, field or enum: the file that declares it. */
                    fileContainingSymbol?: (string|null);

                    /** An extension: the file that declares it. There is none here. */
                    fileContainingExtension?: (grpc.reflection.v1alpha.ExtensionRequest.$Properties|null);

                    /** Full name of a message: the numbers of its extensions. There is none here. */
                    allExtensionNumbersOfType?: (string|null);

                    /** Any text: the names of all services. */
                    listServices?: (string|null);

                    /** The question. */
                    messageRequest?: ("fileByFilename"|"fileContainingSymbol"|"fileContainingExtension"|"allExtensionNumbersOfType"|"listServices");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a ServerReflectionRequest. */
                type $Shape = {
                  host?: string|null;
                  fileByFilename?: string|null;
                  fileContainingSymbol?: string|null;
                  fileContainingExtension?: grpc.reflection.v1alpha.ExtensionRequest.$Shape|null;
                  allExtensionNumbersOfType?: string|null;
                  listServices?: string|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ messageRequest?: undefined; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileByFilename"; fileByFilename: string; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileContainingSymbol"; fileByFilename?: null; fileContainingSymbol: string; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "fileContainingExtension"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension: grpc.reflection.v1alpha.ExtensionRequest.$Shape; allExtensionNumbersOfType?: null; listServices?: null }|{ messageRequest?: "allExtensionNumbersOfType"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType: string; listServices?: null }|{ messageRequest?: "listServices"; fileByFilename?: null; fileContainingSymbol?: null; fileContainingExtension?: null; allExtensionNumbersOfType?: null; listServices: string })
                );
            }

            /**
             * Properties of an ExtensionRequest.
             * @deprecated Use grpc.reflection.v1alpha.ExtensionRequest.$Properties instead.
             */
            interface IExtensionRequest extends grpc.reflection.v1alpha.ExtensionRequest.$Properties {
            }

            /** Names an extension. */
            class ExtensionRequest {

                /**
                 * Constructs a new ExtensionRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ExtensionRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Full name of the extended message. */
                containingType: string;

                /** Number of the extension. */
                extensionNumber: number;

                /**
                 * Creates a new ExtensionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExtensionRequest instance
                 */
                static create(properties: grpc.reflection.v1alpha.ExtensionRequest.$Shape): grpc.reflection.v1alpha.ExtensionRequest & grpc.reflection.v1alpha.ExtensionRequest.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ExtensionRequest.$Properties): grpc.reflection.v1alpha.ExtensionRequest;

                /**
                 * Encodes the specified ExtensionRequest message. Does not implicitly {@link grpc.reflection.v1alpha.ExtensionRequest.verify|verify} messages.
                 * @param message ExtensionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ExtensionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExtensionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ExtensionRequest & grpc.reflection.v1alpha.ExtensionRequest.$Shape} ExtensionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ExtensionRequest & grpc.reflection.v1alpha.ExtensionRequest.$Shape;
            }

            namespace ExtensionRequest {

                /** Properties of an ExtensionRequest. */
                interface $Properties {

                    /** Full name of the extended message. */
                    containingType?: (string|null);

                    /** Number of the extension. */
                    extensionNumber?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExtensionRequest. */
                type $Shape = grpc.reflection.v1alpha.ExtensionRequest.$Properties;
            }

            /**
             * Properties of a ServerReflectionResponse.
             * @deprecated Use grpc.reflection.v1alpha.ServerReflectionResponse.$Properties instead.
             */
            interface IServerReflectionResponse extends grpc.reflection.v1alpha.ServerReflectionResponse.$Properties {
            }

            /** One answer. */
            class ServerReflectionResponse {

                /**
                 * Constructs a new ServerReflectionResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ServerReflectionResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Host of the question. */
                validHost: string;

                /** The question. */
                originalRequest?: (grpc.reflection.v1alpha.ServerReflectionRequest.$Properties|null);

                /** To file_by_filename, file_containing_symbol and file_containing_extension. */
                fileDescriptorResponse?: (grpc.reflection.v1alpha.FileDescriptorResponse.$Properties|null);

                /** To all_extension_numbers_of_type. */
                allExtensionNumbersResponse?: (grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties|null);

                /** To list_services. */
                listServicesResponse?: (grpc.reflection.v1alpha.ListServiceResponse.$Properties|null);

                /** To a question that cannot be answered. */
                errorResponse?: (grpc.reflection.v1alpha.ErrorResponse.$Properties|null);

                /** The answer. */
                messageResponse?: ("fileDescriptorResponse"|"allExtensionNumbersResponse"|"listServicesResponse"|"errorResponse");

                /**
                 * Creates a new ServerReflectionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServerReflectionResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.ServerReflectionResponse.$Shape): grpc.reflection.v1alpha.ServerReflectionResponse & grpc.reflection.v1alpha.ServerReflectionResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ServerReflectionResponse.$Properties): grpc.reflection.v1alpha.ServerReflectionResponse;

                /**
                 * Encodes the specified ServerReflectionResponse message. Does not implicitly {@link grpc.reflection.v1alpha.ServerReflectionResponse.verify|verify} messages.
                 * @param message ServerReflectionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ServerReflectionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServerReflectionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ServerReflectionResponse & grpc.reflection.v1alpha.ServerReflectionResponse.$Shape} ServerReflectionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ServerReflectionResponse & grpc.reflection.v1alpha.ServerReflectionResponse.$Shape;
            }

            namespace ServerReflectionResponse {

                /** Properties of a ServerReflectionResponse. */
                interface $Properties {

                    /** Host of the question. */
                    validHost?: (string|null);

                    /** The question. */
                    originalRequest?: (grpc.reflection.v1alpha.ServerReflectionRequest.$Properties|null);

                    /** To file_by_filename, file_containing_symbol and file_containing_extension. */
                    fileDescriptorResponse?: (grpc.reflection.v1alpha.FileDescriptorResponse.$Properties|null);

                    /** To all_extension_numbers_of_type. */
                    allExtensionNumbersResponse?: (grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties|null);

                    /** To list_services. */
                    listServicesResponse?: (grpc.reflection.v1alpha.ListServiceResponse.$Properties|null);

                    /** To a question that cannot be answered. */
                    errorResponse?: (grpc.reflection.v1alpha.ErrorResponse.$Properties|null);

                    /** The answer. */
                    messageResponse?: ("fileDescriptorResponse"|"allExtensionNumbersResponse"|"listServicesResponse"|"errorResponse");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a ServerReflectionResponse. */
                type $Shape = {
                  validHost?: string|null;
                  originalRequest?: grpc.reflection.v1alpha.ServerReflectionRequest.$Shape|null;
                  fileDescriptorResponse?: grpc.reflection.v1alpha.FileDescriptorResponse.$Shape|null;
                  allExtensionNumbersResponse?: grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape|null;
                  listServicesResponse?: grpc.reflection.v1alpha.ListServiceResponse.$Shape|null;
                  errorResponse?: grpc.reflection.v1alpha.ErrorResponse.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ messageResponse?: undefined; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "fileDescriptorResponse"; fileDescriptorResponse: grpc.reflection.v1alpha.FileDescriptorResponse.$Shape; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "allExtensionNumbersResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse: grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape; listServicesResponse?: null; errorResponse?: null }|{ messageResponse?: "listServicesResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse: grpc.reflection.v1alpha.ListServiceResponse.$Shape; errorResponse?: null }|{ messageResponse?: "errorResponse"; fileDescriptorResponse?: null; allExtensionNumbersResponse?: null; listServicesResponse?: null; errorResponse: grpc.reflection.v1alpha.ErrorResponse.$Shape })
                );
            }

            /**
             * Properties of a FileDescriptorResponse.
             * @deprecated Use grpc.reflection.v1alpha.FileDescriptorResponse.$Properties instead.
             */
            interface IFileDescriptorResponse extends grpc.reflection.v1alpha.FileDescriptorResponse.$Properties {
            }

            /** Files. */
            class FileDescriptorResponse {

                /**
                 * Constructs a new FileDescriptorResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.FileDescriptorResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** The file asked for and all that it imports, each a serialized google.protobuf.FileDescriptorProto. */
                fileDescriptorProto: Uint8Array[];

                /**
                 * Creates a new FileDescriptorResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns FileDescriptorResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.FileDescriptorResponse.$Shape): grpc.reflection.v1alpha.FileDescriptorResponse & grpc.reflection.v1alpha.FileDescriptorResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.FileDescriptorResponse.$Properties): grpc.reflection.v1alpha.FileDescriptorResponse;

                /**
                 * Encodes the specified FileDescriptorResponse message. Does not implicitly {@link grpc.reflection.v1alpha.FileDescriptorResponse.verify|verify} messages.
                 * @param message FileDescriptorResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.FileDescriptorResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FileDescriptorResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.FileDescriptorResponse & grpc.reflection.v1alpha.FileDescriptorResponse.$Shape} FileDescriptorResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.FileDescriptorResponse & grpc.reflection.v1alpha.FileDescriptorResponse.$Shape;
            }

            namespace FileDescriptorResponse {

                /** Properties of a FileDescriptorResponse. */
                interface $Properties {

                    /** The file asked for and all that it imports, each a serialized google.protobuf.FileDescriptorProto. */
                    fileDescriptorProto?: (Uint8Array[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FileDescriptorResponse. */
                type $Shape = grpc.reflection.v1alpha.FileDescriptorResponse.$Properties;
            }

            /**
             * Properties of an ExtensionNumberResponse.
             * @deprecated Use grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties instead.
             */
            interface IExtensionNumberResponse extends grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties {
            }

            /** Extensions of a message. */
            class ExtensionNumberResponse {

                /**
                 * Constructs a new ExtensionNumberResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Full name of the message. */
                baseTypeName: string;

                /** Numbers of its extensions. */
                extensionNumber: number[];

                /**
                 * Creates a new ExtensionNumberResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExtensionNumberResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape): grpc.reflection.v1alpha.ExtensionNumberResponse & grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties): grpc.reflection.v1alpha.ExtensionNumberResponse;

                /**
                 * Encodes the specified ExtensionNumberResponse message. Does not implicitly {@link grpc.reflection.v1alpha.ExtensionNumberResponse.verify|verify} messages.
                 * @param message ExtensionNumberResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExtensionNumberResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ExtensionNumberResponse & grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape} ExtensionNumberResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ExtensionNumberResponse & grpc.reflection.v1alpha.ExtensionNumberResponse.$Shape;
            }

            namespace ExtensionNumberResponse {

                /** Properties of an ExtensionNumberResponse. */
                interface $Properties {

                    /** Full name of the message. */
                    baseTypeName?: (string|null);

                    /** Numbers of its extensions. */
                    extensionNumber?: (number[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExtensionNumberResponse. */
                type $Shape = grpc.reflection.v1alpha.ExtensionNumberResponse.$Properties;
            }

            /**
             * Properties of a ListServiceResponse.
             * @deprecated Use grpc.reflection.v1alpha.ListServiceResponse.$Properties instead.
             */
            interface IListServiceResponse extends grpc.reflection.v1alpha.ListServiceResponse.$Properties {
            }

            /** All services. */
            class ListServiceResponse {

                /**
                 * Constructs a new ListServiceResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ListServiceResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** One entry per service. */
                service: grpc.reflection.v1alpha.ServiceResponse.$Properties[];

                /**
                 * Creates a new ListServiceResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListServiceResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.ListServiceResponse.$Shape): grpc.reflection.v1alpha.ListServiceResponse & grpc.reflection.v1alpha.ListServiceResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ListServiceResponse.$Properties): grpc.reflection.v1alpha.ListServiceResponse;

                /**
                 * Encodes the specified ListServiceResponse message. Does not implicitly {@link grpc.reflection.v1alpha.ListServiceResponse.verify|verify} messages.
                 * @param message ListServiceResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ListServiceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListServiceResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ListServiceResponse & grpc.reflection.v1alpha.ListServiceResponse.$Shape} ListServiceResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ListServiceResponse & grpc.reflection.v1alpha.ListServiceResponse.$Shape;
            }

            namespace ListServiceResponse {

                /** Properties of a ListServiceResponse. */
                interface $Properties {

                    /** One entry per service. */
                    service?: (grpc.reflection.v1alpha.ServiceResponse.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListServiceResponse. */
                type $Shape = grpc.reflection.v1alpha.ListServiceResponse.$Properties;
            }

            /**
             * Properties of a ServiceResponse.
             * @deprecated Use grpc.reflection.v1alpha.ServiceResponse.$Properties instead.
             */
            interface IServiceResponse extends grpc.reflection.v1alpha.ServiceResponse.$Properties {
            }

            /** One service. */
            class ServiceResponse {

                /**
                 * Constructs a new ServiceResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ServiceResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Its full name. */
                name: string;

                /**
                 * Creates a new ServiceResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ServiceResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.ServiceResponse.$Shape): grpc.reflection.v1alpha.ServiceResponse & grpc.reflection.v1alpha.ServiceResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ServiceResponse.$Properties): grpc.reflection.v1alpha.ServiceResponse;

                /**
                 * Encodes the specified ServiceResponse message. Does not implicitly {@link grpc.reflection.v1alpha.ServiceResponse.verify|verify} messages.
                 * @param message ServiceResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ServiceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ServiceResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ServiceResponse & grpc.reflection.v1alpha.ServiceResponse.$Shape} ServiceResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ServiceResponse & grpc.reflection.v1alpha.ServiceResponse.$Shape;
            }

            namespace ServiceResponse {

                /** Properties of a ServiceResponse. */
                interface $Properties {

                    /** Its full name. */
                    name?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ServiceResponse. */
                type $Shape = grpc.reflection.v1alpha.ServiceResponse.$Properties;
            }

            /**
             * Properties of an ErrorResponse.
             * @deprecated Use grpc.reflection.v1alpha.ErrorResponse.$Properties instead.
             */
            interface IErrorResponse extends grpc.reflection.v1alpha.ErrorResponse.$Properties {
            }

            /** Why there is no answer. */
            class ErrorResponse {

                /**
                 * Constructs a new ErrorResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: grpc.reflection.v1alpha.ErrorResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** A gRPC status code. */
                errorCode: number;

                /** What it is about. */
                errorMessage: string;

                /**
                 * Creates a new ErrorResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ErrorResponse instance
                 */
                static create(properties: grpc.reflection.v1alpha.ErrorResponse.$Shape): grpc.reflection.v1alpha.ErrorResponse & grpc.reflection.v1alpha.ErrorResponse.$Shape;
                static create(properties?: grpc.reflection.v1alpha.ErrorResponse.$Properties): grpc.reflection.v1alpha.ErrorResponse;

                /**
                 * Encodes the specified ErrorResponse message. Does not implicitly {@link grpc.reflection.v1alpha.ErrorResponse.verify|verify} messages.
                 * @param message ErrorResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: grpc.reflection.v1alpha.ErrorResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ErrorResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {grpc.reflection.v1alpha.ErrorResponse & grpc.reflection.v1alpha.ErrorResponse.$Shape} ErrorResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): grpc.reflection.v1alpha.ErrorResponse & grpc.reflection.v1alpha.ErrorResponse.$Shape;
            }

            namespace ErrorResponse {

                /** Properties of an ErrorResponse. */
                interface $Properties {

                    /** A gRPC status code. */
                    errorCode?: (number|null);

                    /** What it is about. */
                    errorMessage?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ErrorResponse. */
                type $Shape = grpc.reflection.v1alpha.ErrorResponse.$Properties;
            }
        }
    }
}

/** Namespace inference. */
export namespace inference {

    /**
     * Properties of a ServerLiveRequest.
     * @deprecated Use inference.ServerLiveRequest.$Properties instead.
     */
    interface IServerLiveRequest extends inference.ServerLiveRequest.$Properties {
    }

    /** Asks whether the process answers. */
    class ServerLiveRequest {

        /**
         * Constructs a new ServerLiveRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerLiveRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Creates a new ServerLiveRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerLiveRequest instance
         */
        static create(properties: inference.ServerLiveRequest.$Shape): inference.ServerLiveRequest & inference.ServerLiveRequest.$Shape;
        static create(properties?: inference.ServerLiveRequest.$Properties): inference.ServerLiveRequest;

        /**
         * Encodes the specified ServerLiveRequest message. Does not implicitly {@link inference.ServerLiveRequest.verify|verify} messages.
         * @param message ServerLiveRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerLiveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerLiveRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerLiveRequest & inference.ServerLiveRequest.$Shape} ServerLiveRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerLiveRequest & inference.ServerLiveRequest.$Shape;
    }

    namespace ServerLiveRequest {

        /** Properties of a ServerLiveRequest. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerLiveRequest. */
        type $Shape = inference.ServerLiveRequest.$Properties;
    }

    /**
     * Properties of a ServerLiveResponse.
     * @deprecated Use inference.ServerLiveResponse.$Properties instead.
     */
    interface IServerLiveResponse extends inference.ServerLiveResponse.$Properties {
    }

    /** Whether the process answers. */
    class ServerLiveResponse {

        /**
         * Constructs a new ServerLiveResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerLiveResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Always true; a process that is not live does not answer. */
        live: boolean;

        /**
         * Creates a new ServerLiveResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerLiveResponse instance
         */
        static create(properties: inference.ServerLiveResponse.$Shape): inference.ServerLiveResponse & inference.ServerLiveResponse.$Shape;
        static create(properties?: inference.ServerLiveResponse.$Properties): inference.ServerLiveResponse;

        /**
         * Encodes the specified ServerLiveResponse message. Does not implicitly {@link inference.ServerLiveResponse.verify|verify} messages.
         * @param message ServerLiveResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerLiveResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerLiveResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerLiveResponse & inference.ServerLiveResponse.$Shape} ServerLiveResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerLiveResponse & inference.ServerLiveResponse.$Shape;
    }

    namespace ServerLiveResponse {

        /** Properties of a ServerLiveResponse. */
        interface $Properties {

            /** Always true; a process that is not live does not answer. */
            live?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerLiveResponse. */
        type $Shape = inference.ServerLiveResponse.$Properties;
    }

    /**
     * Properties of a ServerReadyRequest.
     * @deprecated Use inference.ServerReadyRequest.$Properties instead.
     */
    interface IServerReadyRequest extends inference.ServerReadyRequest.$Properties {
    }

    /** Asks whether every model that should serve does. */
    class ServerReadyRequest {

        /**
         * Constructs a new ServerReadyRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerReadyRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Creates a new ServerReadyRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerReadyRequest instance
         */
        static create(properties: inference.ServerReadyRequest.$Shape): inference.ServerReadyRequest & inference.ServerReadyRequest.$Shape;
        static create(properties?: inference.ServerReadyRequest.$Properties): inference.ServerReadyRequest;

        /**
         * Encodes the specified ServerReadyRequest message. Does not implicitly {@link inference.ServerReadyRequest.verify|verify} messages.
         * @param message ServerReadyRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerReadyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerReadyRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerReadyRequest & inference.ServerReadyRequest.$Shape} ServerReadyRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerReadyRequest & inference.ServerReadyRequest.$Shape;
    }

    namespace ServerReadyRequest {

        /** Properties of a ServerReadyRequest. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerReadyRequest. */
        type $Shape = inference.ServerReadyRequest.$Properties;
    }

    /**
     * Properties of a ServerReadyResponse.
     * @deprecated Use inference.ServerReadyResponse.$Properties instead.
     */
    interface IServerReadyResponse extends inference.ServerReadyResponse.$Properties {
    }

    /** Whether every model that should serve does. */
    class ServerReadyResponse {

        /**
         * Constructs a new ServerReadyResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerReadyResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** True where calls for every model are answered, or, if the operator wants it so, for any. */
        ready: boolean;

        /**
         * Creates a new ServerReadyResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerReadyResponse instance
         */
        static create(properties: inference.ServerReadyResponse.$Shape): inference.ServerReadyResponse & inference.ServerReadyResponse.$Shape;
        static create(properties?: inference.ServerReadyResponse.$Properties): inference.ServerReadyResponse;

        /**
         * Encodes the specified ServerReadyResponse message. Does not implicitly {@link inference.ServerReadyResponse.verify|verify} messages.
         * @param message ServerReadyResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerReadyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerReadyResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerReadyResponse & inference.ServerReadyResponse.$Shape} ServerReadyResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerReadyResponse & inference.ServerReadyResponse.$Shape;
    }

    namespace ServerReadyResponse {

        /** Properties of a ServerReadyResponse. */
        interface $Properties {

            /** True where calls for every model are answered, or, if the operator wants it so, for any. */
            ready?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerReadyResponse. */
        type $Shape = inference.ServerReadyResponse.$Properties;
    }

    /**
     * Properties of a ModelReadyRequest.
     * @deprecated Use inference.ModelReadyRequest.$Properties instead.
     */
    interface IModelReadyRequest extends inference.ModelReadyRequest.$Properties {
    }

    /** Asks whether a model is ready. */
    class ModelReadyRequest {

        /**
         * Constructs a new ModelReadyRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelReadyRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Name of the model: a letter or digit, then at most 127 letters, digits, '.', '_' or '-'. Required. */
        name: string;

        /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
        version: string;

        /**
         * Creates a new ModelReadyRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelReadyRequest instance
         */
        static create(properties: inference.ModelReadyRequest.$Shape): inference.ModelReadyRequest & inference.ModelReadyRequest.$Shape;
        static create(properties?: inference.ModelReadyRequest.$Properties): inference.ModelReadyRequest;

        /**
         * Encodes the specified ModelReadyRequest message. Does not implicitly {@link inference.ModelReadyRequest.verify|verify} messages.
         * @param message ModelReadyRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelReadyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelReadyRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelReadyRequest & inference.ModelReadyRequest.$Shape} ModelReadyRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelReadyRequest & inference.ModelReadyRequest.$Shape;
    }

    namespace ModelReadyRequest {

        /** Properties of a ModelReadyRequest. */
        interface $Properties {

            /** Name of the model: a letter or digit, then at most 127 letters, digits, '.', '_' or '-'. Required. */
            name?: (string|null);

            /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
            version?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelReadyRequest. */
        type $Shape = inference.ModelReadyRequest.$Properties;
    }

    /**
     * Properties of a ModelReadyResponse.
     * @deprecated Use inference.ModelReadyResponse.$Properties instead.
     */
    interface IModelReadyResponse extends inference.ModelReadyResponse.$Properties {
    }

    /** Whether a model is ready. */
    class ModelReadyResponse {

        /**
         * Constructs a new ModelReadyResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelReadyResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** True where calls for it are answered. */
        ready: boolean;

        /**
         * Creates a new ModelReadyResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelReadyResponse instance
         */
        static create(properties: inference.ModelReadyResponse.$Shape): inference.ModelReadyResponse & inference.ModelReadyResponse.$Shape;
        static create(properties?: inference.ModelReadyResponse.$Properties): inference.ModelReadyResponse;

        /**
         * Encodes the specified ModelReadyResponse message. Does not implicitly {@link inference.ModelReadyResponse.verify|verify} messages.
         * @param message ModelReadyResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelReadyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelReadyResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelReadyResponse & inference.ModelReadyResponse.$Shape} ModelReadyResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelReadyResponse & inference.ModelReadyResponse.$Shape;
    }

    namespace ModelReadyResponse {

        /** Properties of a ModelReadyResponse. */
        interface $Properties {

            /** True where calls for it are answered. */
            ready?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelReadyResponse. */
        type $Shape = inference.ModelReadyResponse.$Properties;
    }

    /**
     * Properties of a ServerMetadataRequest.
     * @deprecated Use inference.ServerMetadataRequest.$Properties instead.
     */
    interface IServerMetadataRequest extends inference.ServerMetadataRequest.$Properties {
    }

    /** Asks who the server is. */
    class ServerMetadataRequest {

        /**
         * Constructs a new ServerMetadataRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerMetadataRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Creates a new ServerMetadataRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerMetadataRequest instance
         */
        static create(properties: inference.ServerMetadataRequest.$Shape): inference.ServerMetadataRequest & inference.ServerMetadataRequest.$Shape;
        static create(properties?: inference.ServerMetadataRequest.$Properties): inference.ServerMetadataRequest;

        /**
         * Encodes the specified ServerMetadataRequest message. Does not implicitly {@link inference.ServerMetadataRequest.verify|verify} messages.
         * @param message ServerMetadataRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerMetadataRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerMetadataRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerMetadataRequest & inference.ServerMetadataRequest.$Shape} ServerMetadataRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerMetadataRequest & inference.ServerMetadataRequest.$Shape;
    }

    namespace ServerMetadataRequest {

        /** Properties of a ServerMetadataRequest. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerMetadataRequest. */
        type $Shape = inference.ServerMetadataRequest.$Properties;
    }

    /**
     * Properties of a ServerMetadataResponse.
     * @deprecated Use inference.ServerMetadataResponse.$Properties instead.
     */
    interface IServerMetadataResponse extends inference.ServerMetadataResponse.$Properties {
    }

    /** Who the server is. */
    class ServerMetadataResponse {

        /**
         * Constructs a new ServerMetadataResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ServerMetadataResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** "tributary". */
        name: string;

        /** Version of the server, as in CHANGELOG. */
        version: string;

        /** Extensions of the protocol that work here. */
        extensions: string[];

        /**
         * Creates a new ServerMetadataResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerMetadataResponse instance
         */
        static create(properties: inference.ServerMetadataResponse.$Shape): inference.ServerMetadataResponse & inference.ServerMetadataResponse.$Shape;
        static create(properties?: inference.ServerMetadataResponse.$Properties): inference.ServerMetadataResponse;

        /**
         * Encodes the specified ServerMetadataResponse message. Does not implicitly {@link inference.ServerMetadataResponse.verify|verify} messages.
         * @param message ServerMetadataResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ServerMetadataResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerMetadataResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ServerMetadataResponse & inference.ServerMetadataResponse.$Shape} ServerMetadataResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ServerMetadataResponse & inference.ServerMetadataResponse.$Shape;
    }

    namespace ServerMetadataResponse {

        /** Properties of a ServerMetadataResponse. */
        interface $Properties {

            /** "tributary". */
            name?: (string|null);

            /** Version of the server, as in CHANGELOG. */
            version?: (string|null);

            /** Extensions of the protocol that work here. */
            extensions?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ServerMetadataResponse. */
        type $Shape = inference.ServerMetadataResponse.$Properties;
    }

    /**
     * Properties of a ModelMetadataRequest.
     * @deprecated Use inference.ModelMetadataRequest.$Properties instead.
     */
    interface IModelMetadataRequest extends inference.ModelMetadataRequest.$Properties {
    }

    /** Asks what a model takes and gives. */
    class ModelMetadataRequest {

        /**
         * Constructs a new ModelMetadataRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelMetadataRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Name of the model. Required. */
        name: string;

        /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
        version: string;

        /**
         * Creates a new ModelMetadataRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelMetadataRequest instance
         */
        static create(properties: inference.ModelMetadataRequest.$Shape): inference.ModelMetadataRequest & inference.ModelMetadataRequest.$Shape;
        static create(properties?: inference.ModelMetadataRequest.$Properties): inference.ModelMetadataRequest;

        /**
         * Encodes the specified ModelMetadataRequest message. Does not implicitly {@link inference.ModelMetadataRequest.verify|verify} messages.
         * @param message ModelMetadataRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelMetadataRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelMetadataRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelMetadataRequest & inference.ModelMetadataRequest.$Shape} ModelMetadataRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelMetadataRequest & inference.ModelMetadataRequest.$Shape;
    }

    namespace ModelMetadataRequest {

        /** Properties of a ModelMetadataRequest. */
        interface $Properties {

            /** Name of the model. Required. */
            name?: (string|null);

            /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
            version?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelMetadataRequest. */
        type $Shape = inference.ModelMetadataRequest.$Properties;
    }

    /**
     * Properties of a ModelMetadataResponse.
     * @deprecated Use inference.ModelMetadataResponse.$Properties instead.
     */
    interface IModelMetadataResponse extends inference.ModelMetadataResponse.$Properties {
    }

    /** What a model takes and gives. */
    class ModelMetadataResponse {

        /**
         * Constructs a new ModelMetadataResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelMetadataResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Name of the model. */
        name: string;

        /** Versions that are ready, in ascending order. */
        versions: string[];

        /** "onnxruntime_onnx". */
        platform: string;

        /** Inputs in the order of the model. */
        inputs: inference.ModelMetadataResponse.TensorMetadata.$Properties[];

        /** Outputs in the order of the model. */
        outputs: inference.ModelMetadataResponse.TensorMetadata.$Properties[];

        /** Left empty. Dialects of the protocol differ in the type of this field. */
        properties: { [k: string]: string };

        /**
         * Beside the protocol, and skipped by clients that do not know it. What the model file says of itself ("producer", "graph_name", "domain",
         * "description", "model_version", "custom.<key>", and "dimensions.<tensor>": names, separated by commas, of dimensions that may vary), and
         * whether requests share runs ("batching": "proved", "by its owner's word" or "not batched", and "batching.reason"). Without what is empty.
         */
        attributes: { [k: string]: string };

        /**
         * Creates a new ModelMetadataResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelMetadataResponse instance
         */
        static create(properties: inference.ModelMetadataResponse.$Shape): inference.ModelMetadataResponse & inference.ModelMetadataResponse.$Shape;
        static create(properties?: inference.ModelMetadataResponse.$Properties): inference.ModelMetadataResponse;

        /**
         * Encodes the specified ModelMetadataResponse message. Does not implicitly {@link inference.ModelMetadataResponse.verify|verify} messages.
         * @param message ModelMetadataResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelMetadataResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelMetadataResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelMetadataResponse & inference.ModelMetadataResponse.$Shape} ModelMetadataResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelMetadataResponse & inference.ModelMetadataResponse.$Shape;
    }

    namespace ModelMetadataResponse {

        /** Properties of a ModelMetadataResponse. */
        interface $Properties {

            /** Name of the model. */
            name?: (string|null);

            /** Versions that are ready, in ascending order. */
            versions?: (string[]|null);

            /** "onnxruntime_onnx". */
            platform?: (string|null);

            /** Inputs in the order of the model. */
            inputs?: (inference.ModelMetadataResponse.TensorMetadata.$Properties[]|null);

            /** Outputs in the order of the model. */
            outputs?: (inference.ModelMetadataResponse.TensorMetadata.$Properties[]|null);

            /** Left empty. Dialects of the protocol differ in the type of this field. */
            properties?: ({ [k: string]: string }|null);

            /**
             * Beside the protocol, and skipped by clients that do not know it. What the model file says of itself ("producer", "graph_name", "domain",
             * "description", "model_version", "custom.<key>", and "dimensions.<tensor>": names, separated by commas, of dimensions that may vary), and
             * whether requests share runs ("batching": "proved", "by its owner's word" or "not batched", and "batching.reason"). Without what is empty.
             */
            attributes?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelMetadataResponse. */
        type $Shape = inference.ModelMetadataResponse.$Properties;

        /**
         * Properties of a TensorMetadata.
         * @deprecated Use inference.ModelMetadataResponse.TensorMetadata.$Properties instead.
         */
        interface ITensorMetadata extends inference.ModelMetadataResponse.TensorMetadata.$Properties {
        }

        /** One input or output. */
        class TensorMetadata {

            /**
             * Constructs a new TensorMetadata.
             * @param [properties] Properties to set
             */
            constructor(properties?: inference.ModelMetadataResponse.TensorMetadata.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Name of the tensor. */
            name: string;

            /** Datatype: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16 or BYTES. */
            datatype: string;

            /** Size of each dimension; -1 where it may vary. The batch is the first dimension where the model is batched. */
            shape: (number|Long)[];

            /**
             * Creates a new TensorMetadata instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TensorMetadata instance
             */
            static create(properties: inference.ModelMetadataResponse.TensorMetadata.$Shape): inference.ModelMetadataResponse.TensorMetadata & inference.ModelMetadataResponse.TensorMetadata.$Shape;
            static create(properties?: inference.ModelMetadataResponse.TensorMetadata.$Properties): inference.ModelMetadataResponse.TensorMetadata;

            /**
             * Encodes the specified TensorMetadata message. Does not implicitly {@link inference.ModelMetadataResponse.TensorMetadata.verify|verify} messages.
             * @param message TensorMetadata message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: inference.ModelMetadataResponse.TensorMetadata.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TensorMetadata message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {inference.ModelMetadataResponse.TensorMetadata & inference.ModelMetadataResponse.TensorMetadata.$Shape} TensorMetadata
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelMetadataResponse.TensorMetadata & inference.ModelMetadataResponse.TensorMetadata.$Shape;
        }

        namespace TensorMetadata {

            /** Properties of a TensorMetadata. */
            interface $Properties {

                /** Name of the tensor. */
                name?: (string|null);

                /** Datatype: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16 or BYTES. */
                datatype?: (string|null);

                /** Size of each dimension; -1 where it may vary. The batch is the first dimension where the model is batched. */
                shape?: ((number|Long)[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TensorMetadata. */
            type $Shape = inference.ModelMetadataResponse.TensorMetadata.$Properties;
        }
    }

    /**
     * Properties of an InferParameter.
     * @deprecated Use inference.InferParameter.$Properties instead.
     */
    interface IInferParameter extends inference.InferParameter.$Properties {
    }

    /** A value of a parameter. */
    class InferParameter {

        /**
         * Constructs a new InferParameter.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.InferParameter.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** A truth value. */
        boolParam?: (boolean|null);

        /** A signed whole number. */
        int64Param?: (number|Long|null);

        /** A text. */
        stringParam?: (string|null);

        /** A number. */
        doubleParam?: (number|null);

        /** An unsigned whole number. */
        uint64Param?: (number|Long|null);

        /** The value, in the type that the parameter takes. */
        parameterChoice?: ("boolParam"|"int64Param"|"stringParam"|"doubleParam"|"uint64Param");

        /**
         * Creates a new InferParameter instance using the specified properties.
         * @param [properties] Properties to set
         * @returns InferParameter instance
         */
        static create(properties: inference.InferParameter.$Shape): inference.InferParameter & inference.InferParameter.$Shape;
        static create(properties?: inference.InferParameter.$Properties): inference.InferParameter;

        /**
         * Encodes the specified InferParameter message. Does not implicitly {@link inference.InferParameter.verify|verify} messages.
         * @param message InferParameter message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.InferParameter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an InferParameter message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.InferParameter & inference.InferParameter.$Shape} InferParameter
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.InferParameter & inference.InferParameter.$Shape;
    }

    namespace InferParameter {

        /** Properties of an InferParameter. */
        interface $Properties {

            /** A truth value. */
            boolParam?: (boolean|null);

            /** A signed whole number. */
            int64Param?: (number|Long|null);

            /** A text. */
            stringParam?: (string|null);

            /** A number. */
            doubleParam?: (number|null);

            /** An unsigned whole number. */
            uint64Param?: (number|Long|null);

            /** The value, in the type that the parameter takes. */
            parameterChoice?: ("boolParam"|"int64Param"|"stringParam"|"doubleParam"|"uint64Param");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of an InferParameter. */
        type $Shape = {
          boolParam?: boolean|null;
          int64Param?: number|Long|null;
          stringParam?: string|null;
          doubleParam?: number|null;
          uint64Param?: number|Long|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ parameterChoice?: undefined; boolParam?: null; int64Param?: null; stringParam?: null; doubleParam?: null; uint64Param?: null }|{ parameterChoice?: "boolParam"; boolParam: boolean; int64Param?: null; stringParam?: null; doubleParam?: null; uint64Param?: null }|{ parameterChoice?: "int64Param"; boolParam?: null; int64Param: number|Long; stringParam?: null; doubleParam?: null; uint64Param?: null }|{ parameterChoice?: "stringParam"; boolParam?: null; int64Param?: null; stringParam: string; doubleParam?: null; uint64Param?: null }|{ parameterChoice?: "doubleParam"; boolParam?: null; int64Param?: null; stringParam?: null; doubleParam: number; uint64Param?: null }|{ parameterChoice?: "uint64Param"; boolParam?: null; int64Param?: null; stringParam?: null; doubleParam?: null; uint64Param: number|Long })
        );
    }

    /**
     * Properties of an InferTensorContents.
     * @deprecated Use inference.InferTensorContents.$Properties instead.
     */
    interface IInferTensorContents extends inference.InferTensorContents.$Properties {
    }

    /** Elements of a tensor in row-major order, in the field of the tensor's datatype. FP16 and BF16 have no field: they travel raw. */
    class InferTensorContents {

        /**
         * Constructs a new InferTensorContents.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.InferTensorContents.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BOOL */
        boolContents: boolean[];

        /** INT8, INT16, INT32; a value beyond the datatype is refused. */
        intContents: number[];

        /** INT64 */
        int64Contents: (number|Long)[];

        /** UINT8, UINT16, UINT32; a value beyond the datatype is refused. */
        uintContents: number[];

        /** UINT64 */
        uint64Contents: (number|Long)[];

        /** FP32 */
        fp32Contents: number[];

        /** FP64 */
        fp64Contents: number[];

        /** BYTES: one entry per element, without a length in front. */
        bytesContents: Uint8Array[];

        /**
         * Creates a new InferTensorContents instance using the specified properties.
         * @param [properties] Properties to set
         * @returns InferTensorContents instance
         */
        static create(properties: inference.InferTensorContents.$Shape): inference.InferTensorContents & inference.InferTensorContents.$Shape;
        static create(properties?: inference.InferTensorContents.$Properties): inference.InferTensorContents;

        /**
         * Encodes the specified InferTensorContents message. Does not implicitly {@link inference.InferTensorContents.verify|verify} messages.
         * @param message InferTensorContents message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.InferTensorContents.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an InferTensorContents message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.InferTensorContents & inference.InferTensorContents.$Shape} InferTensorContents
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.InferTensorContents & inference.InferTensorContents.$Shape;
    }

    namespace InferTensorContents {

        /** Properties of an InferTensorContents. */
        interface $Properties {

            /** BOOL */
            boolContents?: (boolean[]|null);

            /** INT8, INT16, INT32; a value beyond the datatype is refused. */
            intContents?: (number[]|null);

            /** INT64 */
            int64Contents?: ((number|Long)[]|null);

            /** UINT8, UINT16, UINT32; a value beyond the datatype is refused. */
            uintContents?: (number[]|null);

            /** UINT64 */
            uint64Contents?: ((number|Long)[]|null);

            /** FP32 */
            fp32Contents?: (number[]|null);

            /** FP64 */
            fp64Contents?: (number[]|null);

            /** BYTES: one entry per element, without a length in front. */
            bytesContents?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an InferTensorContents. */
        type $Shape = inference.InferTensorContents.$Properties;
    }

    /**
     * Properties of a ModelInferRequest.
     * @deprecated Use inference.ModelInferRequest.$Properties instead.
     */
    interface IModelInferRequest extends inference.ModelInferRequest.$Properties {
    }

    /** Tensors for a model. */
    class ModelInferRequest {

        /**
         * Constructs a new ModelInferRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelInferRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Name of the model. Required. */
        modelName: string;

        /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
        modelVersion: string;

        /** Comes back in the response, and in front of the message of an error. */
        id: string;

        /** `timeout` (int64): longest wait in the queue in microseconds. Names that begin with "triton_" are reserved. At most 64. */
        parameters: { [k: string]: inference.InferParameter.$Properties };

        /** Every input of the model, in any order. At most 1,024. */
        inputs: inference.ModelInferRequest.InferInputTensor.$Properties[];

        /** Outputs that are wanted; empty: all. At most 1,024. */
        outputs: inference.ModelInferRequest.InferRequestedOutputTensor.$Properties[];

        /**
         * Elements of each input as bytes, in the order of `inputs`: row-major, little-endian, without padding. BOOL: one byte, 0 or 1.
         * FP16 and BF16: two bytes. BYTES: per element its length as uint32 and its bytes. All inputs or none.
         */
        rawInputContents: Uint8Array[];

        /**
         * Creates a new ModelInferRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelInferRequest instance
         */
        static create(properties: inference.ModelInferRequest.$Shape): inference.ModelInferRequest & inference.ModelInferRequest.$Shape;
        static create(properties?: inference.ModelInferRequest.$Properties): inference.ModelInferRequest;

        /**
         * Encodes the specified ModelInferRequest message. Does not implicitly {@link inference.ModelInferRequest.verify|verify} messages.
         * @param message ModelInferRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelInferRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelInferRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelInferRequest & inference.ModelInferRequest.$Shape} ModelInferRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelInferRequest & inference.ModelInferRequest.$Shape;
    }

    namespace ModelInferRequest {

        /** Properties of a ModelInferRequest. */
        interface $Properties {

            /** Name of the model. Required. */
            modelName?: (string|null);

            /** Version, a whole number from 1 to 2^63 - 1 in decimal; empty: the highest that is ready. */
            modelVersion?: (string|null);

            /** Comes back in the response, and in front of the message of an error. */
            id?: (string|null);

            /** `timeout` (int64): longest wait in the queue in microseconds. Names that begin with "triton_" are reserved. At most 64. */
            parameters?: ({ [k: string]: inference.InferParameter.$Properties }|null);

            /** Every input of the model, in any order. At most 1,024. */
            inputs?: (inference.ModelInferRequest.InferInputTensor.$Properties[]|null);

            /** Outputs that are wanted; empty: all. At most 1,024. */
            outputs?: (inference.ModelInferRequest.InferRequestedOutputTensor.$Properties[]|null);

            /**
             * Elements of each input as bytes, in the order of `inputs`: row-major, little-endian, without padding. BOOL: one byte, 0 or 1.
             * FP16 and BF16: two bytes. BYTES: per element its length as uint32 and its bytes. All inputs or none.
             */
            rawInputContents?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelInferRequest. */
        type $Shape = {
          modelName?: string|null;
          modelVersion?: string|null;
          id?: string|null;
          parameters?: { [k: string]: inference.InferParameter.$Shape }|null;
          inputs?: inference.ModelInferRequest.InferInputTensor.$Shape[]|null;
          outputs?: inference.ModelInferRequest.InferRequestedOutputTensor.$Shape[]|null;
          rawInputContents?: Uint8Array[]|null;
          $unknowns?: Uint8Array[];
        };

        /**
         * Properties of an InferInputTensor.
         * @deprecated Use inference.ModelInferRequest.InferInputTensor.$Properties instead.
         */
        interface IInferInputTensor extends inference.ModelInferRequest.InferInputTensor.$Properties {
        }

        /** One tensor. */
        class InferInputTensor {

            /**
             * Constructs a new InferInputTensor.
             * @param [properties] Properties to set
             */
            constructor(properties?: inference.ModelInferRequest.InferInputTensor.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Name of the input. Required; each input once. */
            name: string;

            /** Datatype, as in ModelMetadata. Required. */
            datatype: string;

            /** Size of each dimension: at most 32, each below 2^31, at most 2^31 - 1 elements in all. */
            shape: (number|Long)[];

            /** None is used on inputs; at most 64. */
            parameters: { [k: string]: inference.InferParameter.$Properties };

            /** The elements. Not together with `raw_input_contents`. */
            contents?: (inference.InferTensorContents.$Properties|null);

            /**
             * Creates a new InferInputTensor instance using the specified properties.
             * @param [properties] Properties to set
             * @returns InferInputTensor instance
             */
            static create(properties: inference.ModelInferRequest.InferInputTensor.$Shape): inference.ModelInferRequest.InferInputTensor & inference.ModelInferRequest.InferInputTensor.$Shape;
            static create(properties?: inference.ModelInferRequest.InferInputTensor.$Properties): inference.ModelInferRequest.InferInputTensor;

            /**
             * Encodes the specified InferInputTensor message. Does not implicitly {@link inference.ModelInferRequest.InferInputTensor.verify|verify} messages.
             * @param message InferInputTensor message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: inference.ModelInferRequest.InferInputTensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an InferInputTensor message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {inference.ModelInferRequest.InferInputTensor & inference.ModelInferRequest.InferInputTensor.$Shape} InferInputTensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelInferRequest.InferInputTensor & inference.ModelInferRequest.InferInputTensor.$Shape;
        }

        namespace InferInputTensor {

            /** Properties of an InferInputTensor. */
            interface $Properties {

                /** Name of the input. Required; each input once. */
                name?: (string|null);

                /** Datatype, as in ModelMetadata. Required. */
                datatype?: (string|null);

                /** Size of each dimension: at most 32, each below 2^31, at most 2^31 - 1 elements in all. */
                shape?: ((number|Long)[]|null);

                /** None is used on inputs; at most 64. */
                parameters?: ({ [k: string]: inference.InferParameter.$Properties }|null);

                /** The elements. Not together with `raw_input_contents`. */
                contents?: (inference.InferTensorContents.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an InferInputTensor. */
            type $Shape = {
              name?: string|null;
              datatype?: string|null;
              shape?: (number|Long)[]|null;
              parameters?: { [k: string]: inference.InferParameter.$Shape }|null;
              contents?: inference.InferTensorContents.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of an InferRequestedOutputTensor.
         * @deprecated Use inference.ModelInferRequest.InferRequestedOutputTensor.$Properties instead.
         */
        interface IInferRequestedOutputTensor extends inference.ModelInferRequest.InferRequestedOutputTensor.$Properties {
        }

        /** An output that is wanted. */
        class InferRequestedOutputTensor {

            /**
             * Constructs a new InferRequestedOutputTensor.
             * @param [properties] Properties to set
             */
            constructor(properties?: inference.ModelInferRequest.InferRequestedOutputTensor.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Name of the output. Required; each output once. */
            name: string;

            /** At most 64. */
            parameters: { [k: string]: inference.InferParameter.$Properties };

            /**
             * Creates a new InferRequestedOutputTensor instance using the specified properties.
             * @param [properties] Properties to set
             * @returns InferRequestedOutputTensor instance
             */
            static create(properties: inference.ModelInferRequest.InferRequestedOutputTensor.$Shape): inference.ModelInferRequest.InferRequestedOutputTensor & inference.ModelInferRequest.InferRequestedOutputTensor.$Shape;
            static create(properties?: inference.ModelInferRequest.InferRequestedOutputTensor.$Properties): inference.ModelInferRequest.InferRequestedOutputTensor;

            /**
             * Encodes the specified InferRequestedOutputTensor message. Does not implicitly {@link inference.ModelInferRequest.InferRequestedOutputTensor.verify|verify} messages.
             * @param message InferRequestedOutputTensor message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: inference.ModelInferRequest.InferRequestedOutputTensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an InferRequestedOutputTensor message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {inference.ModelInferRequest.InferRequestedOutputTensor & inference.ModelInferRequest.InferRequestedOutputTensor.$Shape} InferRequestedOutputTensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelInferRequest.InferRequestedOutputTensor & inference.ModelInferRequest.InferRequestedOutputTensor.$Shape;
        }

        namespace InferRequestedOutputTensor {

            /** Properties of an InferRequestedOutputTensor. */
            interface $Properties {

                /** Name of the output. Required; each output once. */
                name?: (string|null);

                /** At most 64. */
                parameters?: ({ [k: string]: inference.InferParameter.$Properties }|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an InferRequestedOutputTensor. */
            type $Shape = {
              name?: string|null;
              parameters?: { [k: string]: inference.InferParameter.$Shape }|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a ModelInferResponse.
     * @deprecated Use inference.ModelInferResponse.$Properties instead.
     */
    interface IModelInferResponse extends inference.ModelInferResponse.$Properties {
    }

    /** Tensors from a model. */
    class ModelInferResponse {

        /**
         * Constructs a new ModelInferResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.ModelInferResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Name of the model that answered. */
        modelName: string;

        /** Version that answered, in decimal. */
        modelVersion: string;

        /** The id of the request. */
        id: string;

        /** Left empty. */
        parameters: { [k: string]: inference.InferParameter.$Properties };

        /** The outputs in the order asked, or in the order of the model. */
        outputs: inference.ModelInferResponse.InferOutputTensor.$Properties[];

        /** Elements of each output as bytes, in the order of `outputs`; laid out as in ModelInferRequest. */
        rawOutputContents: Uint8Array[];

        /**
         * Creates a new ModelInferResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ModelInferResponse instance
         */
        static create(properties: inference.ModelInferResponse.$Shape): inference.ModelInferResponse & inference.ModelInferResponse.$Shape;
        static create(properties?: inference.ModelInferResponse.$Properties): inference.ModelInferResponse;

        /**
         * Encodes the specified ModelInferResponse message. Does not implicitly {@link inference.ModelInferResponse.verify|verify} messages.
         * @param message ModelInferResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.ModelInferResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ModelInferResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.ModelInferResponse & inference.ModelInferResponse.$Shape} ModelInferResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelInferResponse & inference.ModelInferResponse.$Shape;
    }

    namespace ModelInferResponse {

        /** Properties of a ModelInferResponse. */
        interface $Properties {

            /** Name of the model that answered. */
            modelName?: (string|null);

            /** Version that answered, in decimal. */
            modelVersion?: (string|null);

            /** The id of the request. */
            id?: (string|null);

            /** Left empty. */
            parameters?: ({ [k: string]: inference.InferParameter.$Properties }|null);

            /** The outputs in the order asked, or in the order of the model. */
            outputs?: (inference.ModelInferResponse.InferOutputTensor.$Properties[]|null);

            /** Elements of each output as bytes, in the order of `outputs`; laid out as in ModelInferRequest. */
            rawOutputContents?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ModelInferResponse. */
        type $Shape = {
          modelName?: string|null;
          modelVersion?: string|null;
          id?: string|null;
          parameters?: { [k: string]: inference.InferParameter.$Shape }|null;
          outputs?: inference.ModelInferResponse.InferOutputTensor.$Shape[]|null;
          rawOutputContents?: Uint8Array[]|null;
          $unknowns?: Uint8Array[];
        };

        /**
         * Properties of an InferOutputTensor.
         * @deprecated Use inference.ModelInferResponse.InferOutputTensor.$Properties instead.
         */
        interface IInferOutputTensor extends inference.ModelInferResponse.InferOutputTensor.$Properties {
        }

        /** One tensor. */
        class InferOutputTensor {

            /**
             * Constructs a new InferOutputTensor.
             * @param [properties] Properties to set
             */
            constructor(properties?: inference.ModelInferResponse.InferOutputTensor.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Name of the output. */
            name: string;

            /** Datatype, as in ModelMetadata. */
            datatype: string;

            /** Size of each dimension. */
            shape: (number|Long)[];

            /** Left empty. */
            parameters: { [k: string]: inference.InferParameter.$Properties };

            /** Left empty: answers are raw, whatever the request was. */
            contents?: (inference.InferTensorContents.$Properties|null);

            /**
             * Creates a new InferOutputTensor instance using the specified properties.
             * @param [properties] Properties to set
             * @returns InferOutputTensor instance
             */
            static create(properties: inference.ModelInferResponse.InferOutputTensor.$Shape): inference.ModelInferResponse.InferOutputTensor & inference.ModelInferResponse.InferOutputTensor.$Shape;
            static create(properties?: inference.ModelInferResponse.InferOutputTensor.$Properties): inference.ModelInferResponse.InferOutputTensor;

            /**
             * Encodes the specified InferOutputTensor message. Does not implicitly {@link inference.ModelInferResponse.InferOutputTensor.verify|verify} messages.
             * @param message InferOutputTensor message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: inference.ModelInferResponse.InferOutputTensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an InferOutputTensor message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {inference.ModelInferResponse.InferOutputTensor & inference.ModelInferResponse.InferOutputTensor.$Shape} InferOutputTensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.ModelInferResponse.InferOutputTensor & inference.ModelInferResponse.InferOutputTensor.$Shape;
        }

        namespace InferOutputTensor {

            /** Properties of an InferOutputTensor. */
            interface $Properties {

                /** Name of the output. */
                name?: (string|null);

                /** Datatype, as in ModelMetadata. */
                datatype?: (string|null);

                /** Size of each dimension. */
                shape?: ((number|Long)[]|null);

                /** Left empty. */
                parameters?: ({ [k: string]: inference.InferParameter.$Properties }|null);

                /** Left empty: answers are raw, whatever the request was. */
                contents?: (inference.InferTensorContents.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an InferOutputTensor. */
            type $Shape = {
              name?: string|null;
              datatype?: string|null;
              shape?: (number|Long)[]|null;
              parameters?: { [k: string]: inference.InferParameter.$Shape }|null;
              contents?: inference.InferTensorContents.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }
    }

    /**
     * Properties of a RepositoryIndexRequest.
     * @deprecated Use inference.RepositoryIndexRequest.$Properties instead.
     */
    interface IRepositoryIndexRequest extends inference.RepositoryIndexRequest.$Properties {
    }

    /** Asks for all models. */
    class RepositoryIndexRequest {

        /**
         * Constructs a new RepositoryIndexRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.RepositoryIndexRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Must be empty or the name of the repository; there is one. */
        repositoryName: string;

        /** True: only those that are ready. */
        ready: boolean;

        /**
         * Creates a new RepositoryIndexRequest instance using the specified properties.
         * @param [properties] Properties to set
         * @returns RepositoryIndexRequest instance
         */
        static create(properties: inference.RepositoryIndexRequest.$Shape): inference.RepositoryIndexRequest & inference.RepositoryIndexRequest.$Shape;
        static create(properties?: inference.RepositoryIndexRequest.$Properties): inference.RepositoryIndexRequest;

        /**
         * Encodes the specified RepositoryIndexRequest message. Does not implicitly {@link inference.RepositoryIndexRequest.verify|verify} messages.
         * @param message RepositoryIndexRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.RepositoryIndexRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RepositoryIndexRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.RepositoryIndexRequest & inference.RepositoryIndexRequest.$Shape} RepositoryIndexRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.RepositoryIndexRequest & inference.RepositoryIndexRequest.$Shape;
    }

    namespace RepositoryIndexRequest {

        /** Properties of a RepositoryIndexRequest. */
        interface $Properties {

            /** Must be empty or the name of the repository; there is one. */
            repositoryName?: (string|null);

            /** True: only those that are ready. */
            ready?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RepositoryIndexRequest. */
        type $Shape = inference.RepositoryIndexRequest.$Properties;
    }

    /**
     * Properties of a RepositoryIndexResponse.
     * @deprecated Use inference.RepositoryIndexResponse.$Properties instead.
     */
    interface IRepositoryIndexResponse extends inference.RepositoryIndexResponse.$Properties {
    }

    /** All models. */
    class RepositoryIndexResponse {

        /**
         * Constructs a new RepositoryIndexResponse.
         * @param [properties] Properties to set
         */
        constructor(properties?: inference.RepositoryIndexResponse.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Models by name, then by version. */
        models: inference.RepositoryIndexResponse.ModelIndex.$Properties[];

        /**
         * Creates a new RepositoryIndexResponse instance using the specified properties.
         * @param [properties] Properties to set
         * @returns RepositoryIndexResponse instance
         */
        static create(properties: inference.RepositoryIndexResponse.$Shape): inference.RepositoryIndexResponse & inference.RepositoryIndexResponse.$Shape;
        static create(properties?: inference.RepositoryIndexResponse.$Properties): inference.RepositoryIndexResponse;

        /**
         * Encodes the specified RepositoryIndexResponse message. Does not implicitly {@link inference.RepositoryIndexResponse.verify|verify} messages.
         * @param message RepositoryIndexResponse message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: inference.RepositoryIndexResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RepositoryIndexResponse message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {inference.RepositoryIndexResponse & inference.RepositoryIndexResponse.$Shape} RepositoryIndexResponse
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.RepositoryIndexResponse & inference.RepositoryIndexResponse.$Shape;
    }

    namespace RepositoryIndexResponse {

        /** Properties of a RepositoryIndexResponse. */
        interface $Properties {

            /** Models by name, then by version. */
            models?: (inference.RepositoryIndexResponse.ModelIndex.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RepositoryIndexResponse. */
        type $Shape = inference.RepositoryIndexResponse.$Properties;

        /**
         * Properties of a ModelIndex.
         * @deprecated Use inference.RepositoryIndexResponse.ModelIndex.$Properties instead.
         */
        interface IModelIndex extends inference.RepositoryIndexResponse.ModelIndex.$Properties {
        }

        /** One version of one model. */
        class ModelIndex {

            /**
             * Constructs a new ModelIndex.
             * @param [properties] Properties to set
             */
            constructor(properties?: inference.RepositoryIndexResponse.ModelIndex.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Name of the model. */
            name: string;

            /** Version, in decimal. */
            version: string;

            /** "READY", "UNAVAILABLE" or "LOADING". */
            state: string;

            /** Why it is not ready; empty where it is. */
            reason: string;

            /**
             * Creates a new ModelIndex instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ModelIndex instance
             */
            static create(properties: inference.RepositoryIndexResponse.ModelIndex.$Shape): inference.RepositoryIndexResponse.ModelIndex & inference.RepositoryIndexResponse.ModelIndex.$Shape;
            static create(properties?: inference.RepositoryIndexResponse.ModelIndex.$Properties): inference.RepositoryIndexResponse.ModelIndex;

            /**
             * Encodes the specified ModelIndex message. Does not implicitly {@link inference.RepositoryIndexResponse.ModelIndex.verify|verify} messages.
             * @param message ModelIndex message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: inference.RepositoryIndexResponse.ModelIndex.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelIndex message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {inference.RepositoryIndexResponse.ModelIndex & inference.RepositoryIndexResponse.ModelIndex.$Shape} ModelIndex
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): inference.RepositoryIndexResponse.ModelIndex & inference.RepositoryIndexResponse.ModelIndex.$Shape;
        }

        namespace ModelIndex {

            /** Properties of a ModelIndex. */
            interface $Properties {

                /** Name of the model. */
                name?: (string|null);

                /** Version, in decimal. */
                version?: (string|null);

                /** "READY", "UNAVAILABLE" or "LOADING". */
                state?: (string|null);

                /** Why it is not ready; empty where it is. */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelIndex. */
            type $Shape = inference.RepositoryIndexResponse.ModelIndex.$Properties;
        }
    }
}

/** Namespace tributary. */
export namespace tributary {

    /** Namespace common. */
    namespace common {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a Timing.
             * @deprecated Use tributary.common.v1.Timing.$Properties instead.
             */
            interface ITiming extends tributary.common.v1.Timing.$Properties {
            }

            /**
             * Where the time of one call went, inside the service that ran the model. Network and router are not in it.
             * All durations are in microseconds. A call that ran several models carries the sums.
             */
            class Timing {

                /**
                 * Constructs a new Timing.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.common.v1.Timing.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Waiting in the queues of the models that the call asked. */
                queueUs: (number|Long);

                /** Work before the first model: decoding pictures, tokenising, looking up ids. */
                prepareUs: (number|Long);

                /** Running the models. */
                inferenceUs: (number|Long);

                /** Work after a model: choosing the best, labelling, building the answer. */
                finishUs: (number|Long);

                /** Rows in the largest batch that carried a part of this call; 1 means that it ran alone. */
                batchSize: number;

                /**
                 * Creates a new Timing instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Timing instance
                 */
                static create(properties: tributary.common.v1.Timing.$Shape): tributary.common.v1.Timing & tributary.common.v1.Timing.$Shape;
                static create(properties?: tributary.common.v1.Timing.$Properties): tributary.common.v1.Timing;

                /**
                 * Encodes the specified Timing message. Does not implicitly {@link tributary.common.v1.Timing.verify|verify} messages.
                 * @param message Timing message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.common.v1.Timing.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Timing message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.common.v1.Timing & tributary.common.v1.Timing.$Shape} Timing
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.common.v1.Timing & tributary.common.v1.Timing.$Shape;
            }

            namespace Timing {

                /** Properties of a Timing. */
                interface $Properties {

                    /** Waiting in the queues of the models that the call asked. */
                    queueUs?: (number|Long|null);

                    /** Work before the first model: decoding pictures, tokenising, looking up ids. */
                    prepareUs?: (number|Long|null);

                    /** Running the models. */
                    inferenceUs?: (number|Long|null);

                    /** Work after a model: choosing the best, labelling, building the answer. */
                    finishUs?: (number|Long|null);

                    /** Rows in the largest batch that carried a part of this call; 1 means that it ran alone. */
                    batchSize?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Timing. */
                type $Shape = tributary.common.v1.Timing.$Properties;
            }
        }
    }

    /** Namespace image. */
    namespace image {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a ClassifyRequest.
             * @deprecated Use tributary.image.v1.ClassifyRequest.$Properties instead.
             */
            interface IClassifyRequest extends tributary.image.v1.ClassifyRequest.$Properties {
            }

            /** One picture to be classified. */
            class ClassifyRequest {

                /**
                 * Constructs a new ClassifyRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.image.v1.ClassifyRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /**
                 * The encoded picture: JPEG, PNG, WebP (first frame) or GIF (first frame). At most 25
                 * megapixels, where the model's options say nothing else; of a JPEG the pixels count after it was shrunk in decoding, up to 8
                 * times as many by its header (3 times where it is progressive). The orientation in EXIF is applied.
                 */
                image: Uint8Array;

                /** How many classes to return, best first. Default 5 (also for 0); more than the model has: all. */
                topK: number;

                /**
                 * Creates a new ClassifyRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ClassifyRequest instance
                 */
                static create(properties: tributary.image.v1.ClassifyRequest.$Shape): tributary.image.v1.ClassifyRequest & tributary.image.v1.ClassifyRequest.$Shape;
                static create(properties?: tributary.image.v1.ClassifyRequest.$Properties): tributary.image.v1.ClassifyRequest;

                /**
                 * Encodes the specified ClassifyRequest message. Does not implicitly {@link tributary.image.v1.ClassifyRequest.verify|verify} messages.
                 * @param message ClassifyRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.image.v1.ClassifyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ClassifyRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.image.v1.ClassifyRequest & tributary.image.v1.ClassifyRequest.$Shape} ClassifyRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.image.v1.ClassifyRequest & tributary.image.v1.ClassifyRequest.$Shape;
            }

            namespace ClassifyRequest {

                /** Properties of a ClassifyRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /**
                     * The encoded picture: JPEG, PNG, WebP (first frame) or GIF (first frame). At most 25
                     * megapixels, where the model's options say nothing else; of a JPEG the pixels count after it was shrunk in decoding, up to 8
                     * times as many by its header (3 times where it is progressive). The orientation in EXIF is applied.
                     */
                    image?: (Uint8Array|null);

                    /** How many classes to return, best first. Default 5 (also for 0); more than the model has: all. */
                    topK?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ClassifyRequest. */
                type $Shape = tributary.image.v1.ClassifyRequest.$Properties;
            }

            /**
             * Properties of a ClassifyResponse.
             * @deprecated Use tributary.image.v1.ClassifyResponse.$Properties instead.
             */
            interface IClassifyResponse extends tributary.image.v1.ClassifyResponse.$Properties {
            }

            /** The classes of one picture. */
            class ClassifyResponse {

                /**
                 * Constructs a new ClassifyResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.image.v1.ClassifyResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** The best classes, highest score first; equal scores in order of index. */
                classes: tributary.image.v1.Class.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /**
                 * Creates a new ClassifyResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ClassifyResponse instance
                 */
                static create(properties: tributary.image.v1.ClassifyResponse.$Shape): tributary.image.v1.ClassifyResponse & tributary.image.v1.ClassifyResponse.$Shape;
                static create(properties?: tributary.image.v1.ClassifyResponse.$Properties): tributary.image.v1.ClassifyResponse;

                /**
                 * Encodes the specified ClassifyResponse message. Does not implicitly {@link tributary.image.v1.ClassifyResponse.verify|verify} messages.
                 * @param message ClassifyResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.image.v1.ClassifyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ClassifyResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.image.v1.ClassifyResponse & tributary.image.v1.ClassifyResponse.$Shape} ClassifyResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.image.v1.ClassifyResponse & tributary.image.v1.ClassifyResponse.$Shape;
            }

            namespace ClassifyResponse {

                /** Properties of a ClassifyResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** The best classes, highest score first; equal scores in order of index. */
                    classes?: (tributary.image.v1.Class.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ClassifyResponse. */
                type $Shape = tributary.image.v1.ClassifyResponse.$Properties;
            }

            /**
             * Properties of a Class.
             * @deprecated Use tributary.image.v1.Class.$Properties instead.
             */
            interface IClass extends tributary.image.v1.Class.$Properties {
            }

            /** One class and how sure the model is of it. */
            class Class {

                /**
                 * Constructs a new Class.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.image.v1.Class.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Index of the class in the model's output, from 0. */
                index: number;

                /** Name of the class; empty where the model comes without labels. */
                label: string;

                /** Probability, 0 to 1; over all classes the scores sum to 1. */
                score: number;

                /**
                 * Creates a new Class instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Class instance
                 */
                static create(properties: tributary.image.v1.Class.$Shape): tributary.image.v1.Class & tributary.image.v1.Class.$Shape;
                static create(properties?: tributary.image.v1.Class.$Properties): tributary.image.v1.Class;

                /**
                 * Encodes the specified Class message. Does not implicitly {@link tributary.image.v1.Class.verify|verify} messages.
                 * @param message Class message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.image.v1.Class.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Class message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.image.v1.Class & tributary.image.v1.Class.$Shape} Class
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.image.v1.Class & tributary.image.v1.Class.$Shape;
            }

            namespace Class {

                /** Properties of a Class. */
                interface $Properties {

                    /** Index of the class in the model's output, from 0. */
                    index?: (number|null);

                    /** Name of the class; empty where the model comes without labels. */
                    label?: (string|null);

                    /** Probability, 0 to 1; over all classes the scores sum to 1. */
                    score?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Class. */
                type $Shape = tributary.image.v1.Class.$Properties;
            }
        }
    }

    /** Namespace model. */
    namespace model {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a ListModelsRequest.
             * @deprecated Use tributary.model.v1.ListModelsRequest.$Properties instead.
             */
            interface IListModelsRequest extends tributary.model.v1.ListModelsRequest.$Properties {
            }

            /** Asks for all models. */
            class ListModelsRequest {

                /**
                 * Constructs a new ListModelsRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.ListModelsRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new ListModelsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListModelsRequest instance
                 */
                static create(properties: tributary.model.v1.ListModelsRequest.$Shape): tributary.model.v1.ListModelsRequest & tributary.model.v1.ListModelsRequest.$Shape;
                static create(properties?: tributary.model.v1.ListModelsRequest.$Properties): tributary.model.v1.ListModelsRequest;

                /**
                 * Encodes the specified ListModelsRequest message. Does not implicitly {@link tributary.model.v1.ListModelsRequest.verify|verify} messages.
                 * @param message ListModelsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.ListModelsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListModelsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.ListModelsRequest & tributary.model.v1.ListModelsRequest.$Shape} ListModelsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.ListModelsRequest & tributary.model.v1.ListModelsRequest.$Shape;
            }

            namespace ListModelsRequest {

                /** Properties of a ListModelsRequest. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListModelsRequest. */
                type $Shape = tributary.model.v1.ListModelsRequest.$Properties;
            }

            /**
             * Properties of a ListModelsResponse.
             * @deprecated Use tributary.model.v1.ListModelsResponse.$Properties instead.
             */
            interface IListModelsResponse extends tributary.model.v1.ListModelsResponse.$Properties {
            }

            /** All models. */
            class ListModelsResponse {

                /**
                 * Constructs a new ListModelsResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.ListModelsResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Kind of service: "image", "nlp", "recommendation". */
                service: string;

                /** Models by name, then by version. */
                models: tributary.model.v1.Model.$Properties[];

                /**
                 * Creates a new ListModelsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListModelsResponse instance
                 */
                static create(properties: tributary.model.v1.ListModelsResponse.$Shape): tributary.model.v1.ListModelsResponse & tributary.model.v1.ListModelsResponse.$Shape;
                static create(properties?: tributary.model.v1.ListModelsResponse.$Properties): tributary.model.v1.ListModelsResponse;

                /**
                 * Encodes the specified ListModelsResponse message. Does not implicitly {@link tributary.model.v1.ListModelsResponse.verify|verify} messages.
                 * @param message ListModelsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.ListModelsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListModelsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.ListModelsResponse & tributary.model.v1.ListModelsResponse.$Shape} ListModelsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.ListModelsResponse & tributary.model.v1.ListModelsResponse.$Shape;
            }

            namespace ListModelsResponse {

                /** Properties of a ListModelsResponse. */
                interface $Properties {

                    /** Kind of service: "image", "nlp", "recommendation". */
                    service?: (string|null);

                    /** Models by name, then by version. */
                    models?: (tributary.model.v1.Model.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListModelsResponse. */
                type $Shape = tributary.model.v1.ListModelsResponse.$Properties;
            }

            /**
             * Properties of a WatchModelsRequest.
             * @deprecated Use tributary.model.v1.WatchModelsRequest.$Properties instead.
             */
            interface IWatchModelsRequest extends tributary.model.v1.WatchModelsRequest.$Properties {
            }

            /** Asks to be told of every change. */
            class WatchModelsRequest {

                /**
                 * Constructs a new WatchModelsRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.WatchModelsRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new WatchModelsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchModelsRequest instance
                 */
                static create(properties: tributary.model.v1.WatchModelsRequest.$Shape): tributary.model.v1.WatchModelsRequest & tributary.model.v1.WatchModelsRequest.$Shape;
                static create(properties?: tributary.model.v1.WatchModelsRequest.$Properties): tributary.model.v1.WatchModelsRequest;

                /**
                 * Encodes the specified WatchModelsRequest message. Does not implicitly {@link tributary.model.v1.WatchModelsRequest.verify|verify} messages.
                 * @param message WatchModelsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.WatchModelsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchModelsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.WatchModelsRequest & tributary.model.v1.WatchModelsRequest.$Shape} WatchModelsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.WatchModelsRequest & tributary.model.v1.WatchModelsRequest.$Shape;
            }

            namespace WatchModelsRequest {

                /** Properties of a WatchModelsRequest. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchModelsRequest. */
                type $Shape = tributary.model.v1.WatchModelsRequest.$Properties;
            }

            /**
             * Properties of a WatchModelsResponse.
             * @deprecated Use tributary.model.v1.WatchModelsResponse.$Properties instead.
             */
            interface IWatchModelsResponse extends tributary.model.v1.WatchModelsResponse.$Properties {
            }

            /** All models as they are now. */
            class WatchModelsResponse {

                /**
                 * Constructs a new WatchModelsResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.WatchModelsResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Kind of service: "image", "nlp", "recommendation". */
                service: string;

                /** Models by name, then by version. */
                models: tributary.model.v1.Model.$Properties[];

                /**
                 * Creates a new WatchModelsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchModelsResponse instance
                 */
                static create(properties: tributary.model.v1.WatchModelsResponse.$Shape): tributary.model.v1.WatchModelsResponse & tributary.model.v1.WatchModelsResponse.$Shape;
                static create(properties?: tributary.model.v1.WatchModelsResponse.$Properties): tributary.model.v1.WatchModelsResponse;

                /**
                 * Encodes the specified WatchModelsResponse message. Does not implicitly {@link tributary.model.v1.WatchModelsResponse.verify|verify} messages.
                 * @param message WatchModelsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.WatchModelsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchModelsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.WatchModelsResponse & tributary.model.v1.WatchModelsResponse.$Shape} WatchModelsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.WatchModelsResponse & tributary.model.v1.WatchModelsResponse.$Shape;
            }

            namespace WatchModelsResponse {

                /** Properties of a WatchModelsResponse. */
                interface $Properties {

                    /** Kind of service: "image", "nlp", "recommendation". */
                    service?: (string|null);

                    /** Models by name, then by version. */
                    models?: (tributary.model.v1.Model.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchModelsResponse. */
                type $Shape = tributary.model.v1.WatchModelsResponse.$Properties;
            }

            /**
             * Properties of a Model.
             * @deprecated Use tributary.model.v1.Model.$Properties instead.
             */
            interface IModel extends tributary.model.v1.Model.$Properties {
            }

            /** One version of one model. */
            class Model {

                /**
                 * Constructs a new Model.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.Model.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Name of the model. */
                name: string;

                /** Version, in decimal. */
                version: string;

                /** What it is for, for instance "text-embedding"; empty: tensors only. */
                task: string;

                /** Whether it answers. */
                state: tributary.model.v1.ModelState;

                /** Why it does not answer: a reason of the error catalogue and a sentence; empty where it does, and while it is loading. */
                reason: string;

                /** Task RPCs that it answers beside Open Inference, for instance "tributary.nlp.v1.NlpService/Embed". */
                methods: string[];

                /** Those of `methods` whose default model it is. */
                defaultOf: string[];

                /** From the start of loading to the end of warm-up, in milliseconds; 0 until then. */
                loadMs: number;

                /** Size of the version's files in bytes. */
                fileBytes: (number|Long);

                /** Growth of the process's resident memory while it was loaded, in bytes, at least file_bytes; 0 until then. */
                memoryBytes: (number|Long);

                /** True for the version that a call without a version gets. */
                servedByDefault: boolean;

                /** What the model file says of itself; absent until it was read. */
                file?: (tributary.model.v1.ModelFile.$Properties|null);

                /** Whether requests share runs, and on whose word; absent until it is ready. */
                batching?: (tributary.model.v1.Batching.$Properties|null);

                /**
                 * Creates a new Model instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Model instance
                 */
                static create(properties: tributary.model.v1.Model.$Shape): tributary.model.v1.Model & tributary.model.v1.Model.$Shape;
                static create(properties?: tributary.model.v1.Model.$Properties): tributary.model.v1.Model;

                /**
                 * Encodes the specified Model message. Does not implicitly {@link tributary.model.v1.Model.verify|verify} messages.
                 * @param message Model message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.Model.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Model message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.Model & tributary.model.v1.Model.$Shape} Model
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.Model & tributary.model.v1.Model.$Shape;
            }

            namespace Model {

                /** Properties of a Model. */
                interface $Properties {

                    /** Name of the model. */
                    name?: (string|null);

                    /** Version, in decimal. */
                    version?: (string|null);

                    /** What it is for, for instance "text-embedding"; empty: tensors only. */
                    task?: (string|null);

                    /** Whether it answers. */
                    state?: (tributary.model.v1.ModelState|null);

                    /** Why it does not answer: a reason of the error catalogue and a sentence; empty where it does, and while it is loading. */
                    reason?: (string|null);

                    /** Task RPCs that it answers beside Open Inference, for instance "tributary.nlp.v1.NlpService/Embed". */
                    methods?: (string[]|null);

                    /** Those of `methods` whose default model it is. */
                    defaultOf?: (string[]|null);

                    /** From the start of loading to the end of warm-up, in milliseconds; 0 until then. */
                    loadMs?: (number|null);

                    /** Size of the version's files in bytes. */
                    fileBytes?: (number|Long|null);

                    /** Growth of the process's resident memory while it was loaded, in bytes, at least file_bytes; 0 until then. */
                    memoryBytes?: (number|Long|null);

                    /** True for the version that a call without a version gets. */
                    servedByDefault?: (boolean|null);

                    /** What the model file says of itself; absent until it was read. */
                    file?: (tributary.model.v1.ModelFile.$Properties|null);

                    /** Whether requests share runs, and on whose word; absent until it is ready. */
                    batching?: (tributary.model.v1.Batching.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Model. */
                type $Shape = tributary.model.v1.Model.$Properties;
            }

            /**
             * Properties of a ModelFile.
             * @deprecated Use tributary.model.v1.ModelFile.$Properties instead.
             */
            interface IModelFile extends tributary.model.v1.ModelFile.$Properties {
            }

            /** What a model file says of itself. Texts are as they stand there, cut to 1,024 characters. */
            class ModelFile {

                /**
                 * Constructs a new ModelFile.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.ModelFile.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Program that wrote it, with its version where it says so. */
                producer: string;

                /** Name of its graph. */
                graphName: string;

                /** Domain of the model, usually in reverse DNS notation. */
                domain: string;

                /** For people. */
                description: string;

                /** The version that the file gives itself; it has nothing to do with the version in the repository. */
                modelVersion: string;

                /** Whatever its author put there ("metadata_props"): the first 64 entries by key. */
                custom: { [k: string]: string };

                /** Names of the dimensions of inputs and outputs, by the name of the tensor. */
                dimensionNames: { [k: string]: tributary.model.v1.DimensionNames.$Properties };

                /**
                 * Creates a new ModelFile instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ModelFile instance
                 */
                static create(properties: tributary.model.v1.ModelFile.$Shape): tributary.model.v1.ModelFile & tributary.model.v1.ModelFile.$Shape;
                static create(properties?: tributary.model.v1.ModelFile.$Properties): tributary.model.v1.ModelFile;

                /**
                 * Encodes the specified ModelFile message. Does not implicitly {@link tributary.model.v1.ModelFile.verify|verify} messages.
                 * @param message ModelFile message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.ModelFile.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ModelFile message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.ModelFile & tributary.model.v1.ModelFile.$Shape} ModelFile
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.ModelFile & tributary.model.v1.ModelFile.$Shape;
            }

            namespace ModelFile {

                /** Properties of a ModelFile. */
                interface $Properties {

                    /** Program that wrote it, with its version where it says so. */
                    producer?: (string|null);

                    /** Name of its graph. */
                    graphName?: (string|null);

                    /** Domain of the model, usually in reverse DNS notation. */
                    domain?: (string|null);

                    /** For people. */
                    description?: (string|null);

                    /** The version that the file gives itself; it has nothing to do with the version in the repository. */
                    modelVersion?: (string|null);

                    /** Whatever its author put there ("metadata_props"): the first 64 entries by key. */
                    custom?: ({ [k: string]: string }|null);

                    /** Names of the dimensions of inputs and outputs, by the name of the tensor. */
                    dimensionNames?: ({ [k: string]: tributary.model.v1.DimensionNames.$Properties }|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ModelFile. */
                type $Shape = tributary.model.v1.ModelFile.$Properties;
            }

            /**
             * Properties of a DimensionNames.
             * @deprecated Use tributary.model.v1.DimensionNames.$Properties instead.
             */
            interface IDimensionNames extends tributary.model.v1.DimensionNames.$Properties {
            }

            /** Names of the dimensions of a tensor. */
            class DimensionNames {

                /**
                 * Constructs a new DimensionNames.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.DimensionNames.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** In order; empty where a dimension is fixed or has no name. */
                names: string[];

                /**
                 * Creates a new DimensionNames instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns DimensionNames instance
                 */
                static create(properties: tributary.model.v1.DimensionNames.$Shape): tributary.model.v1.DimensionNames & tributary.model.v1.DimensionNames.$Shape;
                static create(properties?: tributary.model.v1.DimensionNames.$Properties): tributary.model.v1.DimensionNames;

                /**
                 * Encodes the specified DimensionNames message. Does not implicitly {@link tributary.model.v1.DimensionNames.verify|verify} messages.
                 * @param message DimensionNames message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.DimensionNames.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a DimensionNames message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.DimensionNames & tributary.model.v1.DimensionNames.$Shape} DimensionNames
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.DimensionNames & tributary.model.v1.DimensionNames.$Shape;
            }

            namespace DimensionNames {

                /** Properties of a DimensionNames. */
                interface $Properties {

                    /** In order; empty where a dimension is fixed or has no name. */
                    names?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a DimensionNames. */
                type $Shape = tributary.model.v1.DimensionNames.$Properties;
            }

            /**
             * Properties of a Batching.
             * @deprecated Use tributary.model.v1.Batching.$Properties instead.
             */
            interface IBatching extends tributary.model.v1.Batching.$Properties {
            }

            /** Whether requests of a model share runs. */
            class Batching {

                /**
                 * Constructs a new Batching.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.model.v1.Batching.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** True: requests are put together into one run. */
                batched: boolean;

                /** Most rows of one run; 1 where requests are not put together. */
                maxBatchSize: number;

                /** Why it is so: "proved" (its rows are kept apart in every operator of the graph), "by its owner's word" or "not batched". */
                by: string;

                /** A sentence that names what decided, for instance the node that mixes rows; may be empty. */
                reason: string;

                /**
                 * Creates a new Batching instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Batching instance
                 */
                static create(properties: tributary.model.v1.Batching.$Shape): tributary.model.v1.Batching & tributary.model.v1.Batching.$Shape;
                static create(properties?: tributary.model.v1.Batching.$Properties): tributary.model.v1.Batching;

                /**
                 * Encodes the specified Batching message. Does not implicitly {@link tributary.model.v1.Batching.verify|verify} messages.
                 * @param message Batching message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.model.v1.Batching.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Batching message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.model.v1.Batching & tributary.model.v1.Batching.$Shape} Batching
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.model.v1.Batching & tributary.model.v1.Batching.$Shape;
            }

            namespace Batching {

                /** Properties of a Batching. */
                interface $Properties {

                    /** True: requests are put together into one run. */
                    batched?: (boolean|null);

                    /** Most rows of one run; 1 where requests are not put together. */
                    maxBatchSize?: (number|null);

                    /** Why it is so: "proved" (its rows are kept apart in every operator of the graph), "by its owner's word" or "not batched". */
                    by?: (string|null);

                    /** A sentence that names what decided, for instance the node that mixes rows; may be empty. */
                    reason?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Batching. */
                type $Shape = tributary.model.v1.Batching.$Properties;
            }

            /** Whether a model answers. */
            enum ModelState {

                /** Never sent. */
                MODEL_STATE_UNSPECIFIED = 0,

                /** Being read, warmed and probed. */
                MODEL_STATE_LOADING = 1,

                /** Answers. */
                MODEL_STATE_READY = 2,

                /** Does not answer; `reason` says why. */
                MODEL_STATE_UNAVAILABLE = 3
            }
        }
    }

    /** Namespace nlp. */
    namespace nlp {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of an EmbedRequest.
             * @deprecated Use tributary.nlp.v1.EmbedRequest.$Properties instead.
             */
            interface IEmbedRequest extends tributary.nlp.v1.EmbedRequest.$Properties {
            }

            /** Texts to be embedded. */
            class EmbedRequest {

                /**
                 * Constructs a new EmbedRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.EmbedRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** The texts. What exceeds the model's length (512 tokens in bge-small-en) is not seen, and `truncated` says so. */
                texts: string[];

                /**
                 * Creates a new EmbedRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns EmbedRequest instance
                 */
                static create(properties: tributary.nlp.v1.EmbedRequest.$Shape): tributary.nlp.v1.EmbedRequest & tributary.nlp.v1.EmbedRequest.$Shape;
                static create(properties?: tributary.nlp.v1.EmbedRequest.$Properties): tributary.nlp.v1.EmbedRequest;

                /**
                 * Encodes the specified EmbedRequest message. Does not implicitly {@link tributary.nlp.v1.EmbedRequest.verify|verify} messages.
                 * @param message EmbedRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.EmbedRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an EmbedRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.EmbedRequest & tributary.nlp.v1.EmbedRequest.$Shape} EmbedRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.EmbedRequest & tributary.nlp.v1.EmbedRequest.$Shape;
            }

            namespace EmbedRequest {

                /** Properties of an EmbedRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** The texts. What exceeds the model's length (512 tokens in bge-small-en) is not seen, and `truncated` says so. */
                    texts?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an EmbedRequest. */
                type $Shape = tributary.nlp.v1.EmbedRequest.$Properties;
            }

            /**
             * Properties of an EmbedResponse.
             * @deprecated Use tributary.nlp.v1.EmbedResponse.$Properties instead.
             */
            interface IEmbedResponse extends tributary.nlp.v1.EmbedResponse.$Properties {
            }

            /** One vector per text. */
            class EmbedResponse {

                /**
                 * Constructs a new EmbedResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.EmbedResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** Vectors in the order of the texts. */
                embeddings: tributary.nlp.v1.Embedding.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /**
                 * Creates a new EmbedResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns EmbedResponse instance
                 */
                static create(properties: tributary.nlp.v1.EmbedResponse.$Shape): tributary.nlp.v1.EmbedResponse & tributary.nlp.v1.EmbedResponse.$Shape;
                static create(properties?: tributary.nlp.v1.EmbedResponse.$Properties): tributary.nlp.v1.EmbedResponse;

                /**
                 * Encodes the specified EmbedResponse message. Does not implicitly {@link tributary.nlp.v1.EmbedResponse.verify|verify} messages.
                 * @param message EmbedResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.EmbedResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an EmbedResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.EmbedResponse & tributary.nlp.v1.EmbedResponse.$Shape} EmbedResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.EmbedResponse & tributary.nlp.v1.EmbedResponse.$Shape;
            }

            namespace EmbedResponse {

                /** Properties of an EmbedResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** Vectors in the order of the texts. */
                    embeddings?: (tributary.nlp.v1.Embedding.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an EmbedResponse. */
                type $Shape = tributary.nlp.v1.EmbedResponse.$Properties;
            }

            /**
             * Properties of an Embedding.
             * @deprecated Use tributary.nlp.v1.Embedding.$Properties instead.
             */
            interface IEmbedding extends tributary.nlp.v1.Embedding.$Properties {
            }

            /** The vector of one text. */
            class Embedding {

                /**
                 * Constructs a new Embedding.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.Embedding.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Unit length; as many values as the model is wide (384 in bge-small-en). */
                values: number[];

                /** Tokens that the model saw, special ones included. */
                tokenCount: number;

                /** True where the text was longer than the model's limit and its end was not seen. */
                truncated: boolean;

                /**
                 * Creates a new Embedding instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Embedding instance
                 */
                static create(properties: tributary.nlp.v1.Embedding.$Shape): tributary.nlp.v1.Embedding & tributary.nlp.v1.Embedding.$Shape;
                static create(properties?: tributary.nlp.v1.Embedding.$Properties): tributary.nlp.v1.Embedding;

                /**
                 * Encodes the specified Embedding message. Does not implicitly {@link tributary.nlp.v1.Embedding.verify|verify} messages.
                 * @param message Embedding message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.Embedding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Embedding message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.Embedding & tributary.nlp.v1.Embedding.$Shape} Embedding
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.Embedding & tributary.nlp.v1.Embedding.$Shape;
            }

            namespace Embedding {

                /** Properties of an Embedding. */
                interface $Properties {

                    /** Unit length; as many values as the model is wide (384 in bge-small-en). */
                    values?: (number[]|null);

                    /** Tokens that the model saw, special ones included. */
                    tokenCount?: (number|null);

                    /** True where the text was longer than the model's limit and its end was not seen. */
                    truncated?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Embedding. */
                type $Shape = tributary.nlp.v1.Embedding.$Properties;
            }

            /**
             * Properties of a ClassifyRequest.
             * @deprecated Use tributary.nlp.v1.ClassifyRequest.$Properties instead.
             */
            interface IClassifyRequest extends tributary.nlp.v1.ClassifyRequest.$Properties {
            }

            /** Texts to be labelled. */
            class ClassifyRequest {

                /**
                 * Constructs a new ClassifyRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.ClassifyRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** The texts. */
                texts: string[];

                /**
                 * Creates a new ClassifyRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ClassifyRequest instance
                 */
                static create(properties: tributary.nlp.v1.ClassifyRequest.$Shape): tributary.nlp.v1.ClassifyRequest & tributary.nlp.v1.ClassifyRequest.$Shape;
                static create(properties?: tributary.nlp.v1.ClassifyRequest.$Properties): tributary.nlp.v1.ClassifyRequest;

                /**
                 * Encodes the specified ClassifyRequest message. Does not implicitly {@link tributary.nlp.v1.ClassifyRequest.verify|verify} messages.
                 * @param message ClassifyRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.ClassifyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ClassifyRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.ClassifyRequest & tributary.nlp.v1.ClassifyRequest.$Shape} ClassifyRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.ClassifyRequest & tributary.nlp.v1.ClassifyRequest.$Shape;
            }

            namespace ClassifyRequest {

                /** Properties of a ClassifyRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** The texts. */
                    texts?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ClassifyRequest. */
                type $Shape = tributary.nlp.v1.ClassifyRequest.$Properties;
            }

            /**
             * Properties of a ClassifyResponse.
             * @deprecated Use tributary.nlp.v1.ClassifyResponse.$Properties instead.
             */
            interface IClassifyResponse extends tributary.nlp.v1.ClassifyResponse.$Properties {
            }

            /** One result per text. */
            class ClassifyResponse {

                /**
                 * Constructs a new ClassifyResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.ClassifyResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** Results in the order of the texts. */
                results: tributary.nlp.v1.Classification.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /**
                 * Creates a new ClassifyResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ClassifyResponse instance
                 */
                static create(properties: tributary.nlp.v1.ClassifyResponse.$Shape): tributary.nlp.v1.ClassifyResponse & tributary.nlp.v1.ClassifyResponse.$Shape;
                static create(properties?: tributary.nlp.v1.ClassifyResponse.$Properties): tributary.nlp.v1.ClassifyResponse;

                /**
                 * Encodes the specified ClassifyResponse message. Does not implicitly {@link tributary.nlp.v1.ClassifyResponse.verify|verify} messages.
                 * @param message ClassifyResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.ClassifyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ClassifyResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.ClassifyResponse & tributary.nlp.v1.ClassifyResponse.$Shape} ClassifyResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.ClassifyResponse & tributary.nlp.v1.ClassifyResponse.$Shape;
            }

            namespace ClassifyResponse {

                /** Properties of a ClassifyResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** Results in the order of the texts. */
                    results?: (tributary.nlp.v1.Classification.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ClassifyResponse. */
                type $Shape = tributary.nlp.v1.ClassifyResponse.$Properties;
            }

            /**
             * Properties of a Classification.
             * @deprecated Use tributary.nlp.v1.Classification.$Properties instead.
             */
            interface IClassification extends tributary.nlp.v1.Classification.$Properties {
            }

            /** All labels of one text. */
            class Classification {

                /**
                 * Constructs a new Classification.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.Classification.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Every label of the model, highest score first. */
                labels: tributary.nlp.v1.Label.$Properties[];

                /** True where the text was longer than the model's limit and its end was not seen. */
                truncated: boolean;

                /**
                 * Creates a new Classification instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Classification instance
                 */
                static create(properties: tributary.nlp.v1.Classification.$Shape): tributary.nlp.v1.Classification & tributary.nlp.v1.Classification.$Shape;
                static create(properties?: tributary.nlp.v1.Classification.$Properties): tributary.nlp.v1.Classification;

                /**
                 * Encodes the specified Classification message. Does not implicitly {@link tributary.nlp.v1.Classification.verify|verify} messages.
                 * @param message Classification message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.Classification.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Classification message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.Classification & tributary.nlp.v1.Classification.$Shape} Classification
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.Classification & tributary.nlp.v1.Classification.$Shape;
            }

            namespace Classification {

                /** Properties of a Classification. */
                interface $Properties {

                    /** Every label of the model, highest score first. */
                    labels?: (tributary.nlp.v1.Label.$Properties[]|null);

                    /** True where the text was longer than the model's limit and its end was not seen. */
                    truncated?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Classification. */
                type $Shape = tributary.nlp.v1.Classification.$Properties;
            }

            /**
             * Properties of a Label.
             * @deprecated Use tributary.nlp.v1.Label.$Properties instead.
             */
            interface ILabel extends tributary.nlp.v1.Label.$Properties {
            }

            /** One label and how sure the model is of it. */
            class Label {

                /**
                 * Constructs a new Label.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.Label.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Name of the label. */
                label: string;

                /** Probability, 0 to 1; over all labels of a text the scores sum to 1. */
                score: number;

                /**
                 * Creates a new Label instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Label instance
                 */
                static create(properties: tributary.nlp.v1.Label.$Shape): tributary.nlp.v1.Label & tributary.nlp.v1.Label.$Shape;
                static create(properties?: tributary.nlp.v1.Label.$Properties): tributary.nlp.v1.Label;

                /**
                 * Encodes the specified Label message. Does not implicitly {@link tributary.nlp.v1.Label.verify|verify} messages.
                 * @param message Label message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.Label.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Label message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.Label & tributary.nlp.v1.Label.$Shape} Label
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.Label & tributary.nlp.v1.Label.$Shape;
            }

            namespace Label {

                /** Properties of a Label. */
                interface $Properties {

                    /** Name of the label. */
                    label?: (string|null);

                    /** Probability, 0 to 1; over all labels of a text the scores sum to 1. */
                    score?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Label. */
                type $Shape = tributary.nlp.v1.Label.$Properties;
            }

            /**
             * Properties of a TokenizeRequest.
             * @deprecated Use tributary.nlp.v1.TokenizeRequest.$Properties instead.
             */
            interface ITokenizeRequest extends tributary.nlp.v1.TokenizeRequest.$Properties {
            }

            /** Texts to be cut into tokens. */
            class TokenizeRequest {

                /**
                 * Constructs a new TokenizeRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.TokenizeRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** The texts. */
                texts: string[];

                /**
                 * Creates a new TokenizeRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns TokenizeRequest instance
                 */
                static create(properties: tributary.nlp.v1.TokenizeRequest.$Shape): tributary.nlp.v1.TokenizeRequest & tributary.nlp.v1.TokenizeRequest.$Shape;
                static create(properties?: tributary.nlp.v1.TokenizeRequest.$Properties): tributary.nlp.v1.TokenizeRequest;

                /**
                 * Encodes the specified TokenizeRequest message. Does not implicitly {@link tributary.nlp.v1.TokenizeRequest.verify|verify} messages.
                 * @param message TokenizeRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.TokenizeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a TokenizeRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.TokenizeRequest & tributary.nlp.v1.TokenizeRequest.$Shape} TokenizeRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.TokenizeRequest & tributary.nlp.v1.TokenizeRequest.$Shape;
            }

            namespace TokenizeRequest {

                /** Properties of a TokenizeRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** The texts. */
                    texts?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a TokenizeRequest. */
                type $Shape = tributary.nlp.v1.TokenizeRequest.$Properties;
            }

            /**
             * Properties of a TokenizeResponse.
             * @deprecated Use tributary.nlp.v1.TokenizeResponse.$Properties instead.
             */
            interface ITokenizeResponse extends tributary.nlp.v1.TokenizeResponse.$Properties {
            }

            /** One list of tokens per text. */
            class TokenizeResponse {

                /**
                 * Constructs a new TokenizeResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.TokenizeResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** Tokens in the order of the texts. */
                results: tributary.nlp.v1.Tokenization.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /**
                 * Creates a new TokenizeResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns TokenizeResponse instance
                 */
                static create(properties: tributary.nlp.v1.TokenizeResponse.$Shape): tributary.nlp.v1.TokenizeResponse & tributary.nlp.v1.TokenizeResponse.$Shape;
                static create(properties?: tributary.nlp.v1.TokenizeResponse.$Properties): tributary.nlp.v1.TokenizeResponse;

                /**
                 * Encodes the specified TokenizeResponse message. Does not implicitly {@link tributary.nlp.v1.TokenizeResponse.verify|verify} messages.
                 * @param message TokenizeResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.TokenizeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a TokenizeResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.TokenizeResponse & tributary.nlp.v1.TokenizeResponse.$Shape} TokenizeResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.TokenizeResponse & tributary.nlp.v1.TokenizeResponse.$Shape;
            }

            namespace TokenizeResponse {

                /** Properties of a TokenizeResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** Tokens in the order of the texts. */
                    results?: (tributary.nlp.v1.Tokenization.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a TokenizeResponse. */
                type $Shape = tributary.nlp.v1.TokenizeResponse.$Properties;
            }

            /**
             * Properties of a Tokenization.
             * @deprecated Use tributary.nlp.v1.Tokenization.$Properties instead.
             */
            interface ITokenization extends tributary.nlp.v1.Tokenization.$Properties {
            }

            /** The tokens of one text. */
            class Tokenization {

                /**
                 * Constructs a new Tokenization.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.Tokenization.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** All tokens as the model would see them, special ones included. */
                tokens: tributary.nlp.v1.Token.$Properties[];

                /** True where the text was longer than the model's limit; the tokens end there. */
                truncated: boolean;

                /**
                 * Creates a new Tokenization instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Tokenization instance
                 */
                static create(properties: tributary.nlp.v1.Tokenization.$Shape): tributary.nlp.v1.Tokenization & tributary.nlp.v1.Tokenization.$Shape;
                static create(properties?: tributary.nlp.v1.Tokenization.$Properties): tributary.nlp.v1.Tokenization;

                /**
                 * Encodes the specified Tokenization message. Does not implicitly {@link tributary.nlp.v1.Tokenization.verify|verify} messages.
                 * @param message Tokenization message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.Tokenization.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Tokenization message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.Tokenization & tributary.nlp.v1.Tokenization.$Shape} Tokenization
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.Tokenization & tributary.nlp.v1.Tokenization.$Shape;
            }

            namespace Tokenization {

                /** Properties of a Tokenization. */
                interface $Properties {

                    /** All tokens as the model would see them, special ones included. */
                    tokens?: (tributary.nlp.v1.Token.$Properties[]|null);

                    /** True where the text was longer than the model's limit; the tokens end there. */
                    truncated?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Tokenization. */
                type $Shape = tributary.nlp.v1.Tokenization.$Properties;
            }

            /**
             * Properties of a Token.
             * @deprecated Use tributary.nlp.v1.Token.$Properties instead.
             */
            interface IToken extends tributary.nlp.v1.Token.$Properties {
            }

            /** One token and where it came from. */
            class Token {

                /**
                 * Constructs a new Token.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.nlp.v1.Token.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Row of the model's vocabulary. */
                id: number;

                /** The token as the vocabulary spells it. */
                text: string;

                /** First character in the text, counted in Unicode code points; special tokens have start = end = 0. */
                start: number;

                /** One past the last character, counted in Unicode code points. */
                end: number;

                /**
                 * Creates a new Token instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Token instance
                 */
                static create(properties: tributary.nlp.v1.Token.$Shape): tributary.nlp.v1.Token & tributary.nlp.v1.Token.$Shape;
                static create(properties?: tributary.nlp.v1.Token.$Properties): tributary.nlp.v1.Token;

                /**
                 * Encodes the specified Token message. Does not implicitly {@link tributary.nlp.v1.Token.verify|verify} messages.
                 * @param message Token message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.nlp.v1.Token.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Token message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.nlp.v1.Token & tributary.nlp.v1.Token.$Shape} Token
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.nlp.v1.Token & tributary.nlp.v1.Token.$Shape;
            }

            namespace Token {

                /** Properties of a Token. */
                interface $Properties {

                    /** Row of the model's vocabulary. */
                    id?: (number|null);

                    /** The token as the vocabulary spells it. */
                    text?: (string|null);

                    /** First character in the text, counted in Unicode code points; special tokens have start = end = 0. */
                    start?: (number|null);

                    /** One past the last character, counted in Unicode code points. */
                    end?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Token. */
                type $Shape = tributary.nlp.v1.Token.$Properties;
            }
        }
    }

    /** Namespace recommendation. */
    namespace recommendation {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of an ItemList.
             * @deprecated Use tributary.recommendation.v1.ItemList.$Properties instead.
             */
            interface IItemList extends tributary.recommendation.v1.ItemList.$Properties {
            }

            /** What somebody liked. */
            class ItemList {

                /**
                 * Constructs a new ItemList.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.ItemList.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ids of items, at most 1,000; an id given twice counts once. Empty: a newcomer, answered by popularity. */
                itemIds: (number|Long)[];

                /**
                 * Creates a new ItemList instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ItemList instance
                 */
                static create(properties: tributary.recommendation.v1.ItemList.$Shape): tributary.recommendation.v1.ItemList & tributary.recommendation.v1.ItemList.$Shape;
                static create(properties?: tributary.recommendation.v1.ItemList.$Properties): tributary.recommendation.v1.ItemList;

                /**
                 * Encodes the specified ItemList message. Does not implicitly {@link tributary.recommendation.v1.ItemList.verify|verify} messages.
                 * @param message ItemList message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.ItemList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ItemList message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.ItemList & tributary.recommendation.v1.ItemList.$Shape} ItemList
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.ItemList & tributary.recommendation.v1.ItemList.$Shape;
            }

            namespace ItemList {

                /** Properties of an ItemList. */
                interface $Properties {

                    /** Ids of items, at most 1,000; an id given twice counts once. Empty: a newcomer, answered by popularity. */
                    itemIds?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ItemList. */
                type $Shape = tributary.recommendation.v1.ItemList.$Properties;
            }

            /**
             * Properties of a Filter.
             * @deprecated Use tributary.recommendation.v1.Filter.$Properties instead.
             */
            interface IFilter extends tributary.recommendation.v1.Filter.$Properties {
            }

            /** Narrows what may be recommended. All parts must hold. */
            class Filter {

                /**
                 * Constructs a new Filter.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.Filter.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** The item has at least one of these genres; empty: no such condition. At most 64, spelled as the model spells them. */
                genresAny: string[];

                /** The item has every one of these genres. At most 64. */
                genresAll: string[];

                /** First year, inclusive; 0: no limit. */
                yearFrom: number;

                /** Last year, inclusive; 0: no limit. */
                yearTo: number;

                /**
                 * Creates a new Filter instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Filter instance
                 */
                static create(properties: tributary.recommendation.v1.Filter.$Shape): tributary.recommendation.v1.Filter & tributary.recommendation.v1.Filter.$Shape;
                static create(properties?: tributary.recommendation.v1.Filter.$Properties): tributary.recommendation.v1.Filter;

                /**
                 * Encodes the specified Filter message. Does not implicitly {@link tributary.recommendation.v1.Filter.verify|verify} messages.
                 * @param message Filter message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.Filter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Filter message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.Filter & tributary.recommendation.v1.Filter.$Shape} Filter
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.Filter & tributary.recommendation.v1.Filter.$Shape;
            }

            namespace Filter {

                /** Properties of a Filter. */
                interface $Properties {

                    /** The item has at least one of these genres; empty: no such condition. At most 64, spelled as the model spells them. */
                    genresAny?: (string[]|null);

                    /** The item has every one of these genres. At most 64. */
                    genresAll?: (string[]|null);

                    /** First year, inclusive; 0: no limit. */
                    yearFrom?: (number|null);

                    /** Last year, inclusive; 0: no limit. */
                    yearTo?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Filter. */
                type $Shape = tributary.recommendation.v1.Filter.$Properties;
            }

            /**
             * Properties of a RecommendRequest.
             * @deprecated Use tributary.recommendation.v1.RecommendRequest.$Properties instead.
             */
            interface IRecommendRequest extends tributary.recommendation.v1.RecommendRequest.$Properties {
            }

            /** Whom to recommend to, and how much. */
            class RecommendRequest {

                /**
                 * Constructs a new RecommendRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.RecommendRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** Somebody the model knows: the items in their history are not recommended again. */
                userId?: (number|Long|null);

                /** Somebody known by what they liked: these items are not recommended again. */
                liked?: (tributary.recommendation.v1.ItemList.$Properties|null);

                /** How many items to return, best first. Default 10 where absent; 0 is refused; more than there are: all. */
                k?: (number|null);

                /** Items not to return, at most 10,000. */
                exclude: (number|Long)[];

                /** Conditions on the items. */
                filter?: (tributary.recommendation.v1.Filter.$Properties|null);

                /** Who it is for. Required. */
                who?: ("userId"|"liked");

                /**
                 * Creates a new RecommendRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RecommendRequest instance
                 */
                static create(properties: tributary.recommendation.v1.RecommendRequest.$Shape): tributary.recommendation.v1.RecommendRequest & tributary.recommendation.v1.RecommendRequest.$Shape;
                static create(properties?: tributary.recommendation.v1.RecommendRequest.$Properties): tributary.recommendation.v1.RecommendRequest;

                /**
                 * Encodes the specified RecommendRequest message. Does not implicitly {@link tributary.recommendation.v1.RecommendRequest.verify|verify} messages.
                 * @param message RecommendRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.RecommendRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RecommendRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.RecommendRequest & tributary.recommendation.v1.RecommendRequest.$Shape} RecommendRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.RecommendRequest & tributary.recommendation.v1.RecommendRequest.$Shape;
            }

            namespace RecommendRequest {

                /** Properties of a RecommendRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** Somebody the model knows: the items in their history are not recommended again. */
                    userId?: (number|Long|null);

                    /** Somebody known by what they liked: these items are not recommended again. */
                    liked?: (tributary.recommendation.v1.ItemList.$Properties|null);

                    /** How many items to return, best first. Default 10 where absent; 0 is refused; more than there are: all. */
                    k?: (number|null);

                    /** Items not to return, at most 10,000. */
                    exclude?: ((number|Long)[]|null);

                    /** Conditions on the items. */
                    filter?: (tributary.recommendation.v1.Filter.$Properties|null);

                    /** Who it is for. Required. */
                    who?: ("userId"|"liked");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a RecommendRequest. */
                type $Shape = {
                  modelName?: string|null;
                  modelVersion?: string|null;
                  userId?: number|Long|null;
                  liked?: tributary.recommendation.v1.ItemList.$Shape|null;
                  k?: number|null;
                  exclude?: (number|Long)[]|null;
                  filter?: tributary.recommendation.v1.Filter.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ who?: undefined; userId?: null; liked?: null }|{ who?: "userId"; userId: number|Long; liked?: null }|{ who?: "liked"; userId?: null; liked: tributary.recommendation.v1.ItemList.$Shape })
                );
            }

            /** What a ranking rests on. */
            enum Basis {

                /** Never sent. */
                BASIS_UNSPECIFIED = 0,

                /** On what this person liked. */
                BASIS_HISTORY = 1,

                /** On what everybody liked, because nothing is known of this person; such items carry no `because`. */
                BASIS_POPULARITY = 2
            }

            /**
             * Properties of a RecommendResponse.
             * @deprecated Use tributary.recommendation.v1.RecommendResponse.$Properties instead.
             */
            interface IRecommendResponse extends tributary.recommendation.v1.RecommendResponse.$Properties {
            }

            /** The best items. */
            class RecommendResponse {

                /**
                 * Constructs a new RecommendResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.RecommendResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** The items, highest score first; equal scores in the model's order of items. */
                items: tributary.recommendation.v1.RecommendedItem.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /** What the ranking rests on. */
                basis: tributary.recommendation.v1.Basis;

                /**
                 * Creates a new RecommendResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RecommendResponse instance
                 */
                static create(properties: tributary.recommendation.v1.RecommendResponse.$Shape): tributary.recommendation.v1.RecommendResponse & tributary.recommendation.v1.RecommendResponse.$Shape;
                static create(properties?: tributary.recommendation.v1.RecommendResponse.$Properties): tributary.recommendation.v1.RecommendResponse;

                /**
                 * Encodes the specified RecommendResponse message. Does not implicitly {@link tributary.recommendation.v1.RecommendResponse.verify|verify} messages.
                 * @param message RecommendResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.RecommendResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RecommendResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.RecommendResponse & tributary.recommendation.v1.RecommendResponse.$Shape} RecommendResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.RecommendResponse & tributary.recommendation.v1.RecommendResponse.$Shape;
            }

            namespace RecommendResponse {

                /** Properties of a RecommendResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** The items, highest score first; equal scores in the model's order of items. */
                    items?: (tributary.recommendation.v1.RecommendedItem.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** What the ranking rests on. */
                    basis?: (tributary.recommendation.v1.Basis|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RecommendResponse. */
                type $Shape = tributary.recommendation.v1.RecommendResponse.$Properties;
            }

            /**
             * Properties of a RecommendedItem.
             * @deprecated Use tributary.recommendation.v1.RecommendedItem.$Properties instead.
             */
            interface IRecommendedItem extends tributary.recommendation.v1.RecommendedItem.$Properties {
            }

            /** One recommended item. */
            class RecommendedItem {

                /**
                 * Constructs a new RecommendedItem.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.RecommendedItem.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Id of the item. */
                itemId: (number|Long);

                /** Its title. */
                title: string;

                /** Its score. Comparable within one answer; by popularity, the share of people who know it. */
                score: number;

                /**
                 * Why: what each liked item adds to the score (or takes from it), largest first. They sum to the score within 1e-3, unless
                 * some were omitted.
                 */
                because: tributary.recommendation.v1.Contribution.$Properties[];

                /**
                 * How many more liked items add to the score or take from it, each less than those in `because`: an answer explains at most
                 * 200,000 contributions, and shares them out evenly among its items. 0: none was omitted.
                 */
                becauseOmitted: number;

                /**
                 * Creates a new RecommendedItem instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RecommendedItem instance
                 */
                static create(properties: tributary.recommendation.v1.RecommendedItem.$Shape): tributary.recommendation.v1.RecommendedItem & tributary.recommendation.v1.RecommendedItem.$Shape;
                static create(properties?: tributary.recommendation.v1.RecommendedItem.$Properties): tributary.recommendation.v1.RecommendedItem;

                /**
                 * Encodes the specified RecommendedItem message. Does not implicitly {@link tributary.recommendation.v1.RecommendedItem.verify|verify} messages.
                 * @param message RecommendedItem message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.RecommendedItem.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RecommendedItem message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.RecommendedItem & tributary.recommendation.v1.RecommendedItem.$Shape} RecommendedItem
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.RecommendedItem & tributary.recommendation.v1.RecommendedItem.$Shape;
            }

            namespace RecommendedItem {

                /** Properties of a RecommendedItem. */
                interface $Properties {

                    /** Id of the item. */
                    itemId?: (number|Long|null);

                    /** Its title. */
                    title?: (string|null);

                    /** Its score. Comparable within one answer; by popularity, the share of people who know it. */
                    score?: (number|null);

                    /**
                     * Why: what each liked item adds to the score (or takes from it), largest first. They sum to the score within 1e-3, unless
                     * some were omitted.
                     */
                    because?: (tributary.recommendation.v1.Contribution.$Properties[]|null);

                    /**
                     * How many more liked items add to the score or take from it, each less than those in `because`: an answer explains at most
                     * 200,000 contributions, and shares them out evenly among its items. 0: none was omitted.
                     */
                    becauseOmitted?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RecommendedItem. */
                type $Shape = tributary.recommendation.v1.RecommendedItem.$Properties;
            }

            /**
             * Properties of a Contribution.
             * @deprecated Use tributary.recommendation.v1.Contribution.$Properties instead.
             */
            interface IContribution extends tributary.recommendation.v1.Contribution.$Properties {
            }

            /** What one liked item adds to a score. */
            class Contribution {

                /**
                 * Constructs a new Contribution.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.Contribution.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Id of the liked item. */
                itemId: (number|Long);

                /** Its title. */
                title: string;

                /** Its share of the score; may be negative. */
                contribution: number;

                /**
                 * Creates a new Contribution instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Contribution instance
                 */
                static create(properties: tributary.recommendation.v1.Contribution.$Shape): tributary.recommendation.v1.Contribution & tributary.recommendation.v1.Contribution.$Shape;
                static create(properties?: tributary.recommendation.v1.Contribution.$Properties): tributary.recommendation.v1.Contribution;

                /**
                 * Encodes the specified Contribution message. Does not implicitly {@link tributary.recommendation.v1.Contribution.verify|verify} messages.
                 * @param message Contribution message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.Contribution.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Contribution message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.Contribution & tributary.recommendation.v1.Contribution.$Shape} Contribution
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.Contribution & tributary.recommendation.v1.Contribution.$Shape;
            }

            namespace Contribution {

                /** Properties of a Contribution. */
                interface $Properties {

                    /** Id of the liked item. */
                    itemId?: (number|Long|null);

                    /** Its title. */
                    title?: (string|null);

                    /** Its share of the score; may be negative. */
                    contribution?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Contribution. */
                type $Shape = tributary.recommendation.v1.Contribution.$Properties;
            }

            /**
             * Properties of a SimilarItemsRequest.
             * @deprecated Use tributary.recommendation.v1.SimilarItemsRequest.$Properties instead.
             */
            interface ISimilarItemsRequest extends tributary.recommendation.v1.SimilarItemsRequest.$Properties {
            }

            /** An item whose neighbours are asked for. */
            class SimilarItemsRequest {

                /**
                 * Constructs a new SimilarItemsRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.SimilarItemsRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** Id of the item. Required. */
                itemId: (number|Long);

                /** How many items to return, nearest first. Default 10 where absent; 0 is refused; more than there are: all. */
                k?: (number|null);

                /**
                 * Creates a new SimilarItemsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SimilarItemsRequest instance
                 */
                static create(properties: tributary.recommendation.v1.SimilarItemsRequest.$Shape): tributary.recommendation.v1.SimilarItemsRequest & tributary.recommendation.v1.SimilarItemsRequest.$Shape;
                static create(properties?: tributary.recommendation.v1.SimilarItemsRequest.$Properties): tributary.recommendation.v1.SimilarItemsRequest;

                /**
                 * Encodes the specified SimilarItemsRequest message. Does not implicitly {@link tributary.recommendation.v1.SimilarItemsRequest.verify|verify} messages.
                 * @param message SimilarItemsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.SimilarItemsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SimilarItemsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.SimilarItemsRequest & tributary.recommendation.v1.SimilarItemsRequest.$Shape} SimilarItemsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.SimilarItemsRequest & tributary.recommendation.v1.SimilarItemsRequest.$Shape;
            }

            namespace SimilarItemsRequest {

                /** Properties of a SimilarItemsRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** Id of the item. Required. */
                    itemId?: (number|Long|null);

                    /** How many items to return, nearest first. Default 10 where absent; 0 is refused; more than there are: all. */
                    k?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SimilarItemsRequest. */
                type $Shape = tributary.recommendation.v1.SimilarItemsRequest.$Properties;
            }

            /**
             * Properties of a SimilarItemsResponse.
             * @deprecated Use tributary.recommendation.v1.SimilarItemsResponse.$Properties instead.
             */
            interface ISimilarItemsResponse extends tributary.recommendation.v1.SimilarItemsResponse.$Properties {
            }

            /** The nearest items. */
            class SimilarItemsResponse {

                /**
                 * Constructs a new SimilarItemsResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.SimilarItemsResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** The items, nearest first; the one asked about is not among them. */
                items: tributary.recommendation.v1.ScoredItem.$Properties[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /**
                 * Creates a new SimilarItemsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SimilarItemsResponse instance
                 */
                static create(properties: tributary.recommendation.v1.SimilarItemsResponse.$Shape): tributary.recommendation.v1.SimilarItemsResponse & tributary.recommendation.v1.SimilarItemsResponse.$Shape;
                static create(properties?: tributary.recommendation.v1.SimilarItemsResponse.$Properties): tributary.recommendation.v1.SimilarItemsResponse;

                /**
                 * Encodes the specified SimilarItemsResponse message. Does not implicitly {@link tributary.recommendation.v1.SimilarItemsResponse.verify|verify} messages.
                 * @param message SimilarItemsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.SimilarItemsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SimilarItemsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.SimilarItemsResponse & tributary.recommendation.v1.SimilarItemsResponse.$Shape} SimilarItemsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.SimilarItemsResponse & tributary.recommendation.v1.SimilarItemsResponse.$Shape;
            }

            namespace SimilarItemsResponse {

                /** Properties of a SimilarItemsResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** The items, nearest first; the one asked about is not among them. */
                    items?: (tributary.recommendation.v1.ScoredItem.$Properties[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SimilarItemsResponse. */
                type $Shape = tributary.recommendation.v1.SimilarItemsResponse.$Properties;
            }

            /**
             * Properties of a ScoredItem.
             * @deprecated Use tributary.recommendation.v1.ScoredItem.$Properties instead.
             */
            interface IScoredItem extends tributary.recommendation.v1.ScoredItem.$Properties {
            }

            /** An item and its score. */
            class ScoredItem {

                /**
                 * Constructs a new ScoredItem.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.ScoredItem.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Id of the item. */
                itemId: (number|Long);

                /** Its title. */
                title: string;

                /** Its score. Comparable within one answer. */
                score: number;

                /**
                 * Creates a new ScoredItem instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ScoredItem instance
                 */
                static create(properties: tributary.recommendation.v1.ScoredItem.$Shape): tributary.recommendation.v1.ScoredItem & tributary.recommendation.v1.ScoredItem.$Shape;
                static create(properties?: tributary.recommendation.v1.ScoredItem.$Properties): tributary.recommendation.v1.ScoredItem;

                /**
                 * Encodes the specified ScoredItem message. Does not implicitly {@link tributary.recommendation.v1.ScoredItem.verify|verify} messages.
                 * @param message ScoredItem message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.ScoredItem.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ScoredItem message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.ScoredItem & tributary.recommendation.v1.ScoredItem.$Shape} ScoredItem
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.ScoredItem & tributary.recommendation.v1.ScoredItem.$Shape;
            }

            namespace ScoredItem {

                /** Properties of a ScoredItem. */
                interface $Properties {

                    /** Id of the item. */
                    itemId?: (number|Long|null);

                    /** Its title. */
                    title?: (string|null);

                    /** Its score. Comparable within one answer. */
                    score?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ScoredItem. */
                type $Shape = tributary.recommendation.v1.ScoredItem.$Properties;
            }

            /**
             * Properties of a ScoreRequest.
             * @deprecated Use tributary.recommendation.v1.ScoreRequest.$Properties instead.
             */
            interface IScoreRequest extends tributary.recommendation.v1.ScoreRequest.$Properties {
            }

            /** Items to be scored for somebody. */
            class ScoreRequest {

                /**
                 * Constructs a new ScoreRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.ScoreRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                modelName: string;

                /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                modelVersion: string;

                /** Somebody the model knows. */
                userId?: (number|Long|null);

                /** Somebody known by what they liked. */
                liked?: (tributary.recommendation.v1.ItemList.$Properties|null);

                /** Ids of the items to score, 1 to 10,000. */
                candidates: (number|Long)[];

                /** Who it is for. Required. */
                who?: ("userId"|"liked");

                /**
                 * Creates a new ScoreRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ScoreRequest instance
                 */
                static create(properties: tributary.recommendation.v1.ScoreRequest.$Shape): tributary.recommendation.v1.ScoreRequest & tributary.recommendation.v1.ScoreRequest.$Shape;
                static create(properties?: tributary.recommendation.v1.ScoreRequest.$Properties): tributary.recommendation.v1.ScoreRequest;

                /**
                 * Encodes the specified ScoreRequest message. Does not implicitly {@link tributary.recommendation.v1.ScoreRequest.verify|verify} messages.
                 * @param message ScoreRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.ScoreRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ScoreRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.ScoreRequest & tributary.recommendation.v1.ScoreRequest.$Shape} ScoreRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.ScoreRequest & tributary.recommendation.v1.ScoreRequest.$Shape;
            }

            namespace ScoreRequest {

                /** Properties of a ScoreRequest. */
                interface $Properties {

                    /** Model to ask; empty: the default model of this RPC. Letters, digits, '.', '_' and '-', at most 128. */
                    modelName?: (string|null);

                    /** Version of the model, a whole number above 0 in decimal; empty: the highest that is ready. */
                    modelVersion?: (string|null);

                    /** Somebody the model knows. */
                    userId?: (number|Long|null);

                    /** Somebody known by what they liked. */
                    liked?: (tributary.recommendation.v1.ItemList.$Properties|null);

                    /** Ids of the items to score, 1 to 10,000. */
                    candidates?: ((number|Long)[]|null);

                    /** Who it is for. Required. */
                    who?: ("userId"|"liked");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a ScoreRequest. */
                type $Shape = {
                  modelName?: string|null;
                  modelVersion?: string|null;
                  userId?: number|Long|null;
                  liked?: tributary.recommendation.v1.ItemList.$Shape|null;
                  candidates?: (number|Long)[]|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ who?: undefined; userId?: null; liked?: null }|{ who?: "userId"; userId: number|Long; liked?: null }|{ who?: "liked"; userId?: null; liked: tributary.recommendation.v1.ItemList.$Shape })
                );
            }

            /**
             * Properties of a ScoreResponse.
             * @deprecated Use tributary.recommendation.v1.ScoreResponse.$Properties instead.
             */
            interface IScoreResponse extends tributary.recommendation.v1.ScoreResponse.$Properties {
            }

            /** The scores asked for. */
            class ScoreResponse {

                /**
                 * Constructs a new ScoreResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.recommendation.v1.ScoreResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Model that answered. */
                modelName: string;

                /** Version that answered, in decimal. */
                modelVersion: string;

                /** One score per candidate, in the order asked. */
                scores: number[];

                /** Where the time went. */
                timing?: (tributary.common.v1.Timing.$Properties|null);

                /** What the scores rest on. */
                basis: tributary.recommendation.v1.Basis;

                /**
                 * Creates a new ScoreResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ScoreResponse instance
                 */
                static create(properties: tributary.recommendation.v1.ScoreResponse.$Shape): tributary.recommendation.v1.ScoreResponse & tributary.recommendation.v1.ScoreResponse.$Shape;
                static create(properties?: tributary.recommendation.v1.ScoreResponse.$Properties): tributary.recommendation.v1.ScoreResponse;

                /**
                 * Encodes the specified ScoreResponse message. Does not implicitly {@link tributary.recommendation.v1.ScoreResponse.verify|verify} messages.
                 * @param message ScoreResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.recommendation.v1.ScoreResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ScoreResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.recommendation.v1.ScoreResponse & tributary.recommendation.v1.ScoreResponse.$Shape} ScoreResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.recommendation.v1.ScoreResponse & tributary.recommendation.v1.ScoreResponse.$Shape;
            }

            namespace ScoreResponse {

                /** Properties of a ScoreResponse. */
                interface $Properties {

                    /** Model that answered. */
                    modelName?: (string|null);

                    /** Version that answered, in decimal. */
                    modelVersion?: (string|null);

                    /** One score per candidate, in the order asked. */
                    scores?: (number[]|null);

                    /** Where the time went. */
                    timing?: (tributary.common.v1.Timing.$Properties|null);

                    /** What the scores rest on. */
                    basis?: (tributary.recommendation.v1.Basis|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ScoreResponse. */
                type $Shape = tributary.recommendation.v1.ScoreResponse.$Properties;
            }
        }
    }

    /** Namespace relay. */
    namespace relay {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a RelayRequest.
             * @deprecated Use tributary.relay.v1.RelayRequest.$Properties instead.
             */
            interface IRelayRequest extends tributary.relay.v1.RelayRequest.$Properties {
            }

            /** What a caller has to say; at most 4 MiB. */
            class RelayRequest {

                /**
                 * Constructs a new RelayRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.relay.v1.RelayRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Calls that begin. */
                calls: tributary.relay.v1.RelayedCall.$Properties[];

                /** Ids of calls whose answers are wanted no more; those that are answered already are passed over. */
                cancelled: number[];

                /**
                 * Creates a new RelayRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RelayRequest instance
                 */
                static create(properties: tributary.relay.v1.RelayRequest.$Shape): tributary.relay.v1.RelayRequest & tributary.relay.v1.RelayRequest.$Shape;
                static create(properties?: tributary.relay.v1.RelayRequest.$Properties): tributary.relay.v1.RelayRequest;

                /**
                 * Encodes the specified RelayRequest message. Does not implicitly {@link tributary.relay.v1.RelayRequest.verify|verify} messages.
                 * @param message RelayRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.relay.v1.RelayRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RelayRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.relay.v1.RelayRequest & tributary.relay.v1.RelayRequest.$Shape} RelayRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.relay.v1.RelayRequest & tributary.relay.v1.RelayRequest.$Shape;
            }

            namespace RelayRequest {

                /** Properties of a RelayRequest. */
                interface $Properties {

                    /** Calls that begin. */
                    calls?: (tributary.relay.v1.RelayedCall.$Properties[]|null);

                    /** Ids of calls whose answers are wanted no more; those that are answered already are passed over. */
                    cancelled?: (number[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RelayRequest. */
                type $Shape = tributary.relay.v1.RelayRequest.$Properties;
            }

            /**
             * Properties of a RelayedCall.
             * @deprecated Use tributary.relay.v1.RelayedCall.$Properties instead.
             */
            interface IRelayedCall extends tributary.relay.v1.RelayedCall.$Properties {
            }

            /** One unary call. */
            class RelayedCall {

                /**
                 * Constructs a new RelayedCall.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.relay.v1.RelayedCall.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Unique among the calls of the stream that are not answered yet; from 1 to 2^31 - 1. Drawn at random, so that a confused answer
                 * finds no owner rather than another's.
                 */
                id: number;

                /** As in HTTP/2's :path, for instance "/inference.GRPCInferenceService/ModelInfer". */
                path: string;

                /** Time left, in microseconds; 0: no deadline. */
                timeoutUs: (number|Long);

                /** Metadata of the call, in order; at most 16 KiB of keys and values. Keys of the transport (grpc-timeout, content-type and the like) do not stand here. */
                metadata: tributary.relay.v1.RelayedMetadata.$Properties[];

                /** The request, encoded and not compressed. */
                message: Uint8Array;

                /**
                 * Creates a new RelayedCall instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RelayedCall instance
                 */
                static create(properties: tributary.relay.v1.RelayedCall.$Shape): tributary.relay.v1.RelayedCall & tributary.relay.v1.RelayedCall.$Shape;
                static create(properties?: tributary.relay.v1.RelayedCall.$Properties): tributary.relay.v1.RelayedCall;

                /**
                 * Encodes the specified RelayedCall message. Does not implicitly {@link tributary.relay.v1.RelayedCall.verify|verify} messages.
                 * @param message RelayedCall message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.relay.v1.RelayedCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RelayedCall message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.relay.v1.RelayedCall & tributary.relay.v1.RelayedCall.$Shape} RelayedCall
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.relay.v1.RelayedCall & tributary.relay.v1.RelayedCall.$Shape;
            }

            namespace RelayedCall {

                /** Properties of a RelayedCall. */
                interface $Properties {

                    /**
                     * Unique among the calls of the stream that are not answered yet; from 1 to 2^31 - 1. Drawn at random, so that a confused answer
                     * finds no owner rather than another's.
                     */
                    id?: (number|null);

                    /** As in HTTP/2's :path, for instance "/inference.GRPCInferenceService/ModelInfer". */
                    path?: (string|null);

                    /** Time left, in microseconds; 0: no deadline. */
                    timeoutUs?: (number|Long|null);

                    /** Metadata of the call, in order; at most 16 KiB of keys and values. Keys of the transport (grpc-timeout, content-type and the like) do not stand here. */
                    metadata?: (tributary.relay.v1.RelayedMetadata.$Properties[]|null);

                    /** The request, encoded and not compressed. */
                    message?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RelayedCall. */
                type $Shape = tributary.relay.v1.RelayedCall.$Properties;
            }

            /**
             * Properties of a RelayedMetadata.
             * @deprecated Use tributary.relay.v1.RelayedMetadata.$Properties instead.
             */
            interface IRelayedMetadata extends tributary.relay.v1.RelayedMetadata.$Properties {
            }

            /** One value of one key. */
            class RelayedMetadata {

                /**
                 * Constructs a new RelayedMetadata.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.relay.v1.RelayedMetadata.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** In lower case. */
                key: string;

                /** Printable ASCII, or any bytes where the key ends in "-bin"; never base64. */
                value: Uint8Array;

                /**
                 * Creates a new RelayedMetadata instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RelayedMetadata instance
                 */
                static create(properties: tributary.relay.v1.RelayedMetadata.$Shape): tributary.relay.v1.RelayedMetadata & tributary.relay.v1.RelayedMetadata.$Shape;
                static create(properties?: tributary.relay.v1.RelayedMetadata.$Properties): tributary.relay.v1.RelayedMetadata;

                /**
                 * Encodes the specified RelayedMetadata message. Does not implicitly {@link tributary.relay.v1.RelayedMetadata.verify|verify} messages.
                 * @param message RelayedMetadata message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.relay.v1.RelayedMetadata.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RelayedMetadata message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.relay.v1.RelayedMetadata & tributary.relay.v1.RelayedMetadata.$Shape} RelayedMetadata
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.relay.v1.RelayedMetadata & tributary.relay.v1.RelayedMetadata.$Shape;
            }

            namespace RelayedMetadata {

                /** Properties of a RelayedMetadata. */
                interface $Properties {

                    /** In lower case. */
                    key?: (string|null);

                    /** Printable ASCII, or any bytes where the key ends in "-bin"; never base64. */
                    value?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RelayedMetadata. */
                type $Shape = tributary.relay.v1.RelayedMetadata.$Properties;
            }

            /**
             * Properties of a RelayResponse.
             * @deprecated Use tributary.relay.v1.RelayResponse.$Properties instead.
             */
            interface IRelayResponse extends tributary.relay.v1.RelayResponse.$Properties {
            }

            /** What a server has to say; at most 4 MiB. */
            class RelayResponse {

                /**
                 * Constructs a new RelayResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.relay.v1.RelayResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Answers, or parts of them, to calls of this stream. */
                answers: tributary.relay.v1.RelayedAnswer.$Properties[];

                /** True: the server wants no more calls on this stream. Those that are under way already are answered; then it ends the stream. */
                draining: boolean;

                /**
                 * Creates a new RelayResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RelayResponse instance
                 */
                static create(properties: tributary.relay.v1.RelayResponse.$Shape): tributary.relay.v1.RelayResponse & tributary.relay.v1.RelayResponse.$Shape;
                static create(properties?: tributary.relay.v1.RelayResponse.$Properties): tributary.relay.v1.RelayResponse;

                /**
                 * Encodes the specified RelayResponse message. Does not implicitly {@link tributary.relay.v1.RelayResponse.verify|verify} messages.
                 * @param message RelayResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.relay.v1.RelayResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RelayResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.relay.v1.RelayResponse & tributary.relay.v1.RelayResponse.$Shape} RelayResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.relay.v1.RelayResponse & tributary.relay.v1.RelayResponse.$Shape;
            }

            namespace RelayResponse {

                /** Properties of a RelayResponse. */
                interface $Properties {

                    /** Answers, or parts of them, to calls of this stream. */
                    answers?: (tributary.relay.v1.RelayedAnswer.$Properties[]|null);

                    /** True: the server wants no more calls on this stream. Those that are under way already are answered; then it ends the stream. */
                    draining?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RelayResponse. */
                type $Shape = tributary.relay.v1.RelayResponse.$Properties;
            }

            /**
             * Properties of a RelayedAnswer.
             * @deprecated Use tributary.relay.v1.RelayedAnswer.$Properties instead.
             */
            interface IRelayedAnswer extends tributary.relay.v1.RelayedAnswer.$Properties {
            }

            /** The answer of a call, or a part of it. */
            class RelayedAnswer {

                /**
                 * Constructs a new RelayedAnswer.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.relay.v1.RelayedAnswer.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** The id of the call. */
                id: number;

                /**
                 * True: a part of the message, and more follows; of the other fields only `message` counts then. Parts of one answer come in order,
                 * with those of others between them.
                 */
                more: boolean;

                /** gRPC status code, 0 to 16. */
                code: number;

                /** Words of the status. */
                details: string;

                /** Initial metadata. */
                headers: tributary.relay.v1.RelayedMetadata.$Properties[];

                /** Trailing metadata. */
                trailers: tributary.relay.v1.RelayedMetadata.$Properties[];

                /** The answer, or its last part, encoded and not compressed; where `code` is 0. */
                message: Uint8Array;

                /**
                 * Creates a new RelayedAnswer instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RelayedAnswer instance
                 */
                static create(properties: tributary.relay.v1.RelayedAnswer.$Shape): tributary.relay.v1.RelayedAnswer & tributary.relay.v1.RelayedAnswer.$Shape;
                static create(properties?: tributary.relay.v1.RelayedAnswer.$Properties): tributary.relay.v1.RelayedAnswer;

                /**
                 * Encodes the specified RelayedAnswer message. Does not implicitly {@link tributary.relay.v1.RelayedAnswer.verify|verify} messages.
                 * @param message RelayedAnswer message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.relay.v1.RelayedAnswer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RelayedAnswer message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.relay.v1.RelayedAnswer & tributary.relay.v1.RelayedAnswer.$Shape} RelayedAnswer
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.relay.v1.RelayedAnswer & tributary.relay.v1.RelayedAnswer.$Shape;
            }

            namespace RelayedAnswer {

                /** Properties of a RelayedAnswer. */
                interface $Properties {

                    /** The id of the call. */
                    id?: (number|null);

                    /**
                     * True: a part of the message, and more follows; of the other fields only `message` counts then. Parts of one answer come in order,
                     * with those of others between them.
                     */
                    more?: (boolean|null);

                    /** gRPC status code, 0 to 16. */
                    code?: (number|null);

                    /** Words of the status. */
                    details?: (string|null);

                    /** Initial metadata. */
                    headers?: (tributary.relay.v1.RelayedMetadata.$Properties[]|null);

                    /** Trailing metadata. */
                    trailers?: (tributary.relay.v1.RelayedMetadata.$Properties[]|null);

                    /** The answer, or its last part, encoded and not compressed; where `code` is 0. */
                    message?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RelayedAnswer. */
                type $Shape = tributary.relay.v1.RelayedAnswer.$Properties;
            }
        }
    }

    /** Namespace router. */
    namespace router {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a ListRoutesRequest.
             * @deprecated Use tributary.router.v1.ListRoutesRequest.$Properties instead.
             */
            interface IListRoutesRequest extends tributary.router.v1.ListRoutesRequest.$Properties {
            }

            /** Asks for all routes. */
            class ListRoutesRequest {

                /**
                 * Constructs a new ListRoutesRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.ListRoutesRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new ListRoutesRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListRoutesRequest instance
                 */
                static create(properties: tributary.router.v1.ListRoutesRequest.$Shape): tributary.router.v1.ListRoutesRequest & tributary.router.v1.ListRoutesRequest.$Shape;
                static create(properties?: tributary.router.v1.ListRoutesRequest.$Properties): tributary.router.v1.ListRoutesRequest;

                /**
                 * Encodes the specified ListRoutesRequest message. Does not implicitly {@link tributary.router.v1.ListRoutesRequest.verify|verify} messages.
                 * @param message ListRoutesRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.ListRoutesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListRoutesRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.ListRoutesRequest & tributary.router.v1.ListRoutesRequest.$Shape} ListRoutesRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.ListRoutesRequest & tributary.router.v1.ListRoutesRequest.$Shape;
            }

            namespace ListRoutesRequest {

                /** Properties of a ListRoutesRequest. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListRoutesRequest. */
                type $Shape = tributary.router.v1.ListRoutesRequest.$Properties;
            }

            /**
             * Properties of a ListRoutesResponse.
             * @deprecated Use tributary.router.v1.ListRoutesResponse.$Properties instead.
             */
            interface IListRoutesResponse extends tributary.router.v1.ListRoutesResponse.$Properties {
            }

            /** All routes. */
            class ListRoutesResponse {

                /**
                 * Constructs a new ListRoutesResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.ListRoutesResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** One route per model and version, by name, then by version. */
                routes: tributary.router.v1.Route.$Properties[];

                /** Every upstream of the router, by address. */
                upstreams: tributary.router.v1.Upstream.$Properties[];

                /**
                 * Creates a new ListRoutesResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListRoutesResponse instance
                 */
                static create(properties: tributary.router.v1.ListRoutesResponse.$Shape): tributary.router.v1.ListRoutesResponse & tributary.router.v1.ListRoutesResponse.$Shape;
                static create(properties?: tributary.router.v1.ListRoutesResponse.$Properties): tributary.router.v1.ListRoutesResponse;

                /**
                 * Encodes the specified ListRoutesResponse message. Does not implicitly {@link tributary.router.v1.ListRoutesResponse.verify|verify} messages.
                 * @param message ListRoutesResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.ListRoutesResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListRoutesResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.ListRoutesResponse & tributary.router.v1.ListRoutesResponse.$Shape} ListRoutesResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.ListRoutesResponse & tributary.router.v1.ListRoutesResponse.$Shape;
            }

            namespace ListRoutesResponse {

                /** Properties of a ListRoutesResponse. */
                interface $Properties {

                    /** One route per model and version, by name, then by version. */
                    routes?: (tributary.router.v1.Route.$Properties[]|null);

                    /** Every upstream of the router, by address. */
                    upstreams?: (tributary.router.v1.Upstream.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListRoutesResponse. */
                type $Shape = tributary.router.v1.ListRoutesResponse.$Properties;
            }

            /**
             * Properties of a WatchRoutesRequest.
             * @deprecated Use tributary.router.v1.WatchRoutesRequest.$Properties instead.
             */
            interface IWatchRoutesRequest extends tributary.router.v1.WatchRoutesRequest.$Properties {
            }

            /** Asks for all routes, again and again. */
            class WatchRoutesRequest {

                /**
                 * Constructs a new WatchRoutesRequest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.WatchRoutesRequest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new WatchRoutesRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchRoutesRequest instance
                 */
                static create(properties: tributary.router.v1.WatchRoutesRequest.$Shape): tributary.router.v1.WatchRoutesRequest & tributary.router.v1.WatchRoutesRequest.$Shape;
                static create(properties?: tributary.router.v1.WatchRoutesRequest.$Properties): tributary.router.v1.WatchRoutesRequest;

                /**
                 * Encodes the specified WatchRoutesRequest message. Does not implicitly {@link tributary.router.v1.WatchRoutesRequest.verify|verify} messages.
                 * @param message WatchRoutesRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.WatchRoutesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchRoutesRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.WatchRoutesRequest & tributary.router.v1.WatchRoutesRequest.$Shape} WatchRoutesRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.WatchRoutesRequest & tributary.router.v1.WatchRoutesRequest.$Shape;
            }

            namespace WatchRoutesRequest {

                /** Properties of a WatchRoutesRequest. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchRoutesRequest. */
                type $Shape = tributary.router.v1.WatchRoutesRequest.$Properties;
            }

            /**
             * Properties of a WatchRoutesResponse.
             * @deprecated Use tributary.router.v1.WatchRoutesResponse.$Properties instead.
             */
            interface IWatchRoutesResponse extends tributary.router.v1.WatchRoutesResponse.$Properties {
            }

            /** All routes as they are now. */
            class WatchRoutesResponse {

                /**
                 * Constructs a new WatchRoutesResponse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.WatchRoutesResponse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** As in ListRoutesResponse. */
                routes: tributary.router.v1.Route.$Properties[];

                /** As in ListRoutesResponse. */
                upstreams: tributary.router.v1.Upstream.$Properties[];

                /**
                 * Creates a new WatchRoutesResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchRoutesResponse instance
                 */
                static create(properties: tributary.router.v1.WatchRoutesResponse.$Shape): tributary.router.v1.WatchRoutesResponse & tributary.router.v1.WatchRoutesResponse.$Shape;
                static create(properties?: tributary.router.v1.WatchRoutesResponse.$Properties): tributary.router.v1.WatchRoutesResponse;

                /**
                 * Encodes the specified WatchRoutesResponse message. Does not implicitly {@link tributary.router.v1.WatchRoutesResponse.verify|verify} messages.
                 * @param message WatchRoutesResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.WatchRoutesResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchRoutesResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.WatchRoutesResponse & tributary.router.v1.WatchRoutesResponse.$Shape} WatchRoutesResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.WatchRoutesResponse & tributary.router.v1.WatchRoutesResponse.$Shape;
            }

            namespace WatchRoutesResponse {

                /** Properties of a WatchRoutesResponse. */
                interface $Properties {

                    /** As in ListRoutesResponse. */
                    routes?: (tributary.router.v1.Route.$Properties[]|null);

                    /** As in ListRoutesResponse. */
                    upstreams?: (tributary.router.v1.Upstream.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchRoutesResponse. */
                type $Shape = tributary.router.v1.WatchRoutesResponse.$Properties;
            }

            /**
             * Properties of a Route.
             * @deprecated Use tributary.router.v1.Route.$Properties instead.
             */
            interface IRoute extends tributary.router.v1.Route.$Properties {
            }

            /** Where one version of a model is served. */
            class Route {

                /**
                 * Constructs a new Route.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.Route.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Name of the model. */
                modelName: string;

                /** Version, in decimal. */
                modelVersion: string;

                /** Addresses (host:port) of the upstreams that have it ready. */
                upstreams: string[];

                /** Task RPCs that it answers beside Open Inference, for instance "tributary.nlp.v1.NlpService/Embed". */
                methods: string[];

                /** Those of `methods` whose default model it is. */
                defaultOf: string[];

                /**
                 * Why calls for it are refused although upstreams have it; empty where they are not. "CONFLICT": services of different
                 * kinds claim the same name.
                 */
                refused: string;

                /** How requests share runs, where that is not proved: by its owner's word, or not at all and why; else empty. */
                batching: string;

                /**
                 * Creates a new Route instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Route instance
                 */
                static create(properties: tributary.router.v1.Route.$Shape): tributary.router.v1.Route & tributary.router.v1.Route.$Shape;
                static create(properties?: tributary.router.v1.Route.$Properties): tributary.router.v1.Route;

                /**
                 * Encodes the specified Route message. Does not implicitly {@link tributary.router.v1.Route.verify|verify} messages.
                 * @param message Route message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.Route.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Route message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.Route & tributary.router.v1.Route.$Shape} Route
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.Route & tributary.router.v1.Route.$Shape;
            }

            namespace Route {

                /** Properties of a Route. */
                interface $Properties {

                    /** Name of the model. */
                    modelName?: (string|null);

                    /** Version, in decimal. */
                    modelVersion?: (string|null);

                    /** Addresses (host:port) of the upstreams that have it ready. */
                    upstreams?: (string[]|null);

                    /** Task RPCs that it answers beside Open Inference, for instance "tributary.nlp.v1.NlpService/Embed". */
                    methods?: (string[]|null);

                    /** Those of `methods` whose default model it is. */
                    defaultOf?: (string[]|null);

                    /**
                     * Why calls for it are refused although upstreams have it; empty where they are not. "CONFLICT": services of different
                     * kinds claim the same name.
                     */
                    refused?: (string|null);

                    /** How requests share runs, where that is not proved: by its owner's word, or not at all and why; else empty. */
                    batching?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Route. */
                type $Shape = tributary.router.v1.Route.$Properties;
            }

            /**
             * Properties of an Upstream.
             * @deprecated Use tributary.router.v1.Upstream.$Properties instead.
             */
            interface IUpstream extends tributary.router.v1.Upstream.$Properties {
            }

            /** One replica of a service. */
            class Upstream {

                /**
                 * Constructs a new Upstream.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: tributary.router.v1.Upstream.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** host:port */
                address: string;

                /** Kind of service, for instance "nlp"; empty until it has answered for the first time. */
                service: string;

                /** What its health watch last said. */
                state: tributary.router.v1.UpstreamState;

                /** Calls sent and not answered yet. */
                outstanding: number;

                /** How calls get to it; UNSPECIFIED while there is no connection. */
                hop: tributary.router.v1.Hop;

                /** Why that is PLAIN, in a few words; else empty. */
                plainReason: string;

                /** Attempts that have ended since the router knows this upstream, whatever their status. */
                calls: (number|Long);

                /** Those of them that failed and were tried again. */
                retries: (number|Long);

                /** Attempts that went over the relay (see docs/relay.md). */
                relayedCalls: (number|Long);

                /** Messages of the relay in which they went: fewer than the calls, where several shared one. */
                relayMessages: (number|Long);

                /** Bytes of requests, without metadata and framing. */
                sentBytes: (number|Long);

                /** Bytes of answers, likewise. */
                receivedBytes: (number|Long);

                /**
                 * Creates a new Upstream instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Upstream instance
                 */
                static create(properties: tributary.router.v1.Upstream.$Shape): tributary.router.v1.Upstream & tributary.router.v1.Upstream.$Shape;
                static create(properties?: tributary.router.v1.Upstream.$Properties): tributary.router.v1.Upstream;

                /**
                 * Encodes the specified Upstream message. Does not implicitly {@link tributary.router.v1.Upstream.verify|verify} messages.
                 * @param message Upstream message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: tributary.router.v1.Upstream.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Upstream message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {tributary.router.v1.Upstream & tributary.router.v1.Upstream.$Shape} Upstream
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tributary.router.v1.Upstream & tributary.router.v1.Upstream.$Shape;
            }

            namespace Upstream {

                /** Properties of an Upstream. */
                interface $Properties {

                    /** host:port */
                    address?: (string|null);

                    /** Kind of service, for instance "nlp"; empty until it has answered for the first time. */
                    service?: (string|null);

                    /** What its health watch last said. */
                    state?: (tributary.router.v1.UpstreamState|null);

                    /** Calls sent and not answered yet. */
                    outstanding?: (number|null);

                    /** How calls get to it; UNSPECIFIED while there is no connection. */
                    hop?: (tributary.router.v1.Hop|null);

                    /** Why that is PLAIN, in a few words; else empty. */
                    plainReason?: (string|null);

                    /** Attempts that have ended since the router knows this upstream, whatever their status. */
                    calls?: (number|Long|null);

                    /** Those of them that failed and were tried again. */
                    retries?: (number|Long|null);

                    /** Attempts that went over the relay (see docs/relay.md). */
                    relayedCalls?: (number|Long|null);

                    /** Messages of the relay in which they went: fewer than the calls, where several shared one. */
                    relayMessages?: (number|Long|null);

                    /** Bytes of requests, without metadata and framing. */
                    sentBytes?: (number|Long|null);

                    /** Bytes of answers, likewise. */
                    receivedBytes?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Upstream. */
                type $Shape = tributary.router.v1.Upstream.$Properties;
            }

            /** How calls get to an upstream. */
            enum Hop {

                /** There is no connection. */
                HOP_UNSPECIFIED = 0,

                /** Small calls together over one stream of tributary.relay.v1, others as streams of HTTP/2 of their own. */
                HOP_RELAY = 1,

                /** Each call as a gRPC call of its own. */
                HOP_PLAIN = 2
            }

            /** Whether an upstream gets calls. */
            enum UpstreamState {

                /** Never sent. */
                UPSTREAM_STATE_UNSPECIFIED = 0,

                /** No connection, or its first answer has not come yet. */
                UPSTREAM_STATE_CONNECTING = 1,

                /** It gets calls. */
                UPSTREAM_STATE_READY = 2,

                /** It answers, but says that it is not serving, or is draining. */
                UPSTREAM_STATE_NOT_SERVING = 3
            }
        }
    }
}

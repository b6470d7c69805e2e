/**
 * ONNX Runtime's packages for Linux start a telemetry thread and write below ~/.cache unless this variable is set in the
 * process environment before the native library is loaded (microsoft/onnxruntime pull requests 27379 and 29843).
 * Called on the main thread before any lane starts and, with the environment shared, on every lane before it loads the library.
 */
export function disableOrtTelemetry(): void {
  /* eslint-disable no-restricted-properties -- the native library reads it; there is no option for it */
  // Written only where it is missing: other threads may be reading the environment.
  if (process.env['ORT_DISABLE_TELEMETRY'] !== '1') process.env['ORT_DISABLE_TELEMETRY'] = '1';
}

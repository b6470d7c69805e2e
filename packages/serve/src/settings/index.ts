/**
 * Settings alone, importable as `@tributary/serve/settings`: a process can read them, and begin what takes longest, before it loads
 * all that serving needs.
 */
export { defineSettings, type SettingsDefinition, type SettingsOf, type SettingsShape } from './define-settings';
export { loadSettings, OutputRequested, settingsForLog, type SettingsInput } from './load-settings';
export { checkServeSettings, serveSettingsShape, type ServingSettings } from './serve-settings-shape';
export * as setting from './setting';

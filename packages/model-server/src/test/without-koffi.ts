import Module from 'node:module';

/** Required before a service, this makes its machine one that koffi has no library for. */
const modules = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
const load = modules._load;
modules._load = (request, ...rest) => {
  if (request === 'koffi') throw new Error('no library of koffi for this machine');
  return load(request, ...rest);
};

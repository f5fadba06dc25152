/** Loaded before a program (`--import`): the packages of this repository come from the bundle of `bundle-packages.mjs`. */
import { registerHooks } from 'node:module';

const bundle = new URL('../../node_modules/.cache/holodeck/packages/', import.meta.url);
const packages = /^@holodeck\/(?!.*\.json$)(.+)$/;

registerHooks({
  resolve(specifier, context, next) {
    const name = packages.exec(specifier)?.[1]?.replaceAll('/', '-');
    return name === undefined
      ? next(specifier, context)
      : { url: new URL(`${name}.js`, bundle).href, shortCircuit: true };
  },
});

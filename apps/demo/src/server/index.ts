export { startEmulatedServices } from './emulated-services.ts';
export type { EmulatedServicesOptions } from './emulated-services.ts';
export { startDemoServer } from './start-demo.ts';
export type { DemoServer, DemoServerOptions } from './start-demo.ts';
export type { DemoServices } from './services.ts';

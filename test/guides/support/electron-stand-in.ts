import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest =
  '{"name": "electron", "type": "module", "exports": {"types": "./index.d.ts", "default": "./index.js"}}';

const types = `
export declare const app: {
  whenReady(): Promise<void>;
  getPath(name: 'userData' | 'pictures'): string;
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): void;
  quit(): void;
};
export declare const ipcMain: {
  handle(channel: string, listener: (event: unknown, text: string) => unknown): void;
};
export declare class BrowserWindow {
  constructor(options: { webPreferences?: { preload?: string } });
  loadFile(file: string): Promise<void>;
}
`;

/** Becomes ready after the app's main module has run, calls each channel once as a page would, and quits. */
const code = `
import { resolve } from 'node:path';
const handlers = new Map();
const quitters = [];
let quitting = false;
export const ipcMain = { handle: (channel, listener) => handlers.set(channel, listener) };
let ready;
const isReady = new Promise((resolve) => (ready = resolve));
export const becomeReady = () => ready();
export const app = {
  whenReady: () => isReady,
  getPath: (name) => resolve(name),
  on: (_event, listener) => quitters.push(listener),
  quit: () => {
    let held = false;
    for (const quit of quitters) quit({ preventDefault: () => (held = true) });
    if (held && quitting) throw new Error('The app never quits.');
    quitting = true;
  },
};
export class BrowserWindow {
  async loadFile() {
    for (const [channel, listener] of handlers) console.log(channel, await listener({}, '雨夜的面馆'));
    app.quit();
  }
}
`;

/** Puts a module `electron` into a folder with what the guide needs; the real one needs a display. */
export function writeElectronStandIn(folder: string): void {
  const target = join(folder, 'node_modules', 'electron');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), manifest);
  writeFileSync(join(target, 'index.d.ts'), types);
  writeFileSync(join(target, 'index.js'), code);
}

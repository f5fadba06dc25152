/**
 * Tools for agents over the Model Context Protocol: scenes and images as jobs that an agent finds again.
 *
 * @module
 */
export { serveMcp } from './serve-mcp.ts';
export type { McpServeOptions } from './serve-mcp.ts';

/**
 * Frees the memory of bytes that nobody else uses, if all of their buffer is theirs; it has no bytes then. The garbage collector would free
 * it too, but late, and it goes over the whole heap after some tens of megabytes of buffers.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

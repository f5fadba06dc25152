/** The reason of a rejected promise; throws if the promise resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return new Error('The promise was fulfilled, but a rejection was expected.');
}

/** What a promise rejects with; an error of its own when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return new Error('The promise was fulfilled, but a rejection was expected.');
}

/** What the server says when it says no. Its own detail is English and more precise than anything said by type. */
export const problems = {
  noAnswer: "The server did not answer.",
  answered: (status: number, text: string) => `The server answered ${status} ${text}.`,
  request: (id: string) => `(request ${id})`,
  /** `type` as in "not-found", the last part of the problem's address. */
  said: (_type: string, detail: string): string => detail,
};

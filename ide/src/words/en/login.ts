/** Logging in, and in again. */
export const login = {
  title: "Log in",
  lead: "Practise on a real machine of your own.",
  name: "Name",
  password: "Password",
  submit: "Log in",
  busy: "Logging in…",
  wrong: "This name and password do not go together. Look at both and try again.",
  again: "Log in again",
  againMore: "You have been logged out. Nothing here is lost; log in to go on.",
};

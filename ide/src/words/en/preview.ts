/** What the learner's own server shows. */
export const preview = {
  /** The button beside the terminals, and the region it brings to the front. */
  open: "Preview",
  region: "Preview",
  back: "Terminals",
  list: "Previews",
  address: "Address in the preview",
  /** What stands before the path. */
  host: (port: number) => `localhost:${port}`,
  reload: "Reload the preview",
  newTab: "Open in a new tab",
  frame: (title: string) => `${title}: what your server shows`,
  opening: "Opening the preview…",
  noMachine: "The preview shows what your server answers. It opens here once your machine runs.",
  stopped: "Your machine is stopped, and your server with it. Start it again to see the preview.",
  tryAgain: "Try again",
  newTabBlocked: "Your browser did not open a new tab. Allow this site to do it, and try again.",
};

/** The learner's machine: how it is reached, how long it stays, why it went. */
export const session = {
  // The status line's first words.
  stopped: "your machine is stopped",
  connecting: "connecting…",
  asking: "asking for a machine…",
  offline: "offline",
  reconnectingIn: (seconds: number) => `reconnecting in ${seconds} s`,
  queued: "waiting for a free machine",
  starting: "starting your machine…",
  connected: "connected",
  loading: "loading…",
  cut: "The connection to your machine is cut.",
  tryNow: "Try now",
  left: (duration: string) => `${duration} left`,
  timeIsUp: "time is up",

  // Stopping it.
  stop: "Stop machine",
  stopTitle: "Stop your machine?",
  stopMore: "What runs in its terminals ends. Your files are kept, and you can start a new one at any time.",
  keepRunning: "Keep it running",
  stopIt: "Stop it",

  // Why it is gone.
  ended: {
    asked: "Your machine was stopped, as asked.",
    idle: "Nobody was here for a while, so your machine was put away.",
    time_limit: "Your machine has reached its time limit.",
    host_fault: "We could not start your machine. That is our fault; please try again.",
  },
  died: (detail: string) => `Your machine died: ${detail}`,
  filesKept: "Your files are kept.",
  startAgain: "Start again",
  stoppedNotice: "Your machine is stopped. Your files are kept.",
  none: (why: string) => `No machine yet: ${why}`,
  notYours: "This machine is not yours to use.",
  renewed: "Gradus has been renewed meanwhile. Load the page again to go on; your files are kept.",
  loadAgain: "Load again",
};

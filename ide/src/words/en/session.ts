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
  keptFor: (duration: string) => `kept for ${duration}`,
  timeIsUp: "time is up",

  // What it uses.
  memory: (used: number, limit: number) => `container ${used} of ${limit} MB`,
  memoryShort: (used: number, limit: number) => `${used}/${limit} MB`,
  cpu: (percent: number) => `CPU ${percent} %`,
  nearlyFull: "memory nearly full",
  nearlyFullMore:
    "The memory of your machine is nearly full. When it is full, a program of yours is ended. Stop what you do not need.",

  // Two minutes before it stops.
  limitNear: "Your machine stops in less than two minutes, as its time is over.",
  limitNearMore: "Your files are kept; what runs in its terminals ends.",
  noExtension: "It was extended as often as it can be. Afterwards, start a new one with the same files.",
  idleNear: "This page is not connected. In less than two minutes your machine is put away, as nobody is there.",
  idleNearMore: "Your files are kept.",
  extend: (duration: string) => `Extend by ${duration}`,
  extended: (duration: string) => `Your machine stays ${duration} longer.`,
  notExtended: (why: string) => `Not extended: ${why}`,

  // Stopping it.
  stop: "Stop machine",
  stopShort: "Stop",
  stopTitle: "Stop your machine?",
  stopMore: "What runs in its terminals ends. Your files are kept, and you can start a new one at any time.",
  keepRunning: "Keep it running",
  stopIt: "Stop it",

  // Why it is gone.
  ended: {
    asked: "Your machine was stopped, as asked.",
    idle: "No page of yours was connected for a while, so your machine was put away.",
    time_limit: "Your machine has reached its time limit and was put away.",
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

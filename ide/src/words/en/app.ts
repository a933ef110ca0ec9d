/** What belongs to no screen in particular. */
export const app = {
  allLessons: "See all lessons",
  tryAgain: "Try again",
  openingLesson: "Opening the lesson…",
  unreachable: "Gradus cannot be reached",
  workIsSafe: "Your saved work is safe.",
  nothingHere: "There is nothing at this address",
  partMissing: "A part of this page could not be fetched. Your saved work is safe.",
  reload: "Load the page again",
  close: "Close",
  cancel: "Cancel",
};

/** What belongs to no screen in particular. */
export const app = {
  allLessons: "See all lessons",
  tryAgain: "Try again",
  openingLesson: "Opening the lesson…",
  asking: "Opening Gradus…",
  unreachable: "Gradus cannot be reached",
  workIsSafe: "Your saved work is safe.",
  nothingHere: "There is nothing at this address",
  nothingHereMore: "It may be mistyped, or what was here has moved. All lessons are still in the list.",
  partMissing: "A part of this page could not be fetched. Your saved work is safe.",
  reload: "Load the page again",
  close: "Close",
  skip: "Skip to the content",
  cancel: "Cancel",
};

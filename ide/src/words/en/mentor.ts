/** Looking on: for those who do, and for the learner who lets them. */
export const mentor = {
  link: "Working right now",
};

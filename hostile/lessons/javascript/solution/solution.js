// @SOLUTION_MARKER@
export function triple(number) {
  return number * 3;
}

export function triple(number) {
  return 0;
}

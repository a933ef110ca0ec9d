/** The mark: three rising steps. */
export function Mark({ size = 16 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1 11h4v4H1zM6 6.5h4V15H6zM11 2h4v13h-4z" />
    </svg>
  );
}

check() { # name, expected sum, numbers
  count=$((count + 1))
  if [ "$(bash sum.sh "$3" "$4")" = "$2" ]; then echo "ok $count - $1"; else echo "not ok $count - $1"; fi >> "$GRADUS_REPORT"
}
check 'adds two numbers' 5 2 3

#!/usr/bin/env bash
# Runs commands one after the other, one an argument, until one fails; says what each cost, and all together.
#     tests/timed.sh 'ruff check .' 'mypy'
set -uo pipefail
told=$(mktemp)
trap 'rm -f "$told"' EXIT

# Sets `spent`: seconds of processor time of all that this shell has started and waited for, and what that started.
look() {
    times >"$told" # here and not in a subshell, which would tell of its own children
    spent=$(awk 'NR == 2 { split($1 " " $2, part, /[ms ]+/); print part[1] * 60 + part[2] + part[3] * 60 + part[4] }' "$told")
}

report=()
before=0
for command in "$@"; do
    since=$SECONDS
    bash -c "$command"
    code=$?
    look
    line='%8.1f s of processor time in %4d s  %s'
    report+=("$(printf "$line" "$(awk "BEGIN { print $spent - $before }")" $((SECONDS - since)) "$command")")
    before=$spent
    [ "$code" -eq 0 ] || break
done
printf '%s\n' "${report[@]}"
printf "$line\n" "$spent" "$SECONDS" "together"
exit "$code"
